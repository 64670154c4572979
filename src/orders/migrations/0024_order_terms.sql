-- Why an order costs what it costs: `terms` (JSON) holds the discount, shipping method and tax that were applied, as
-- they were then; null: none. A line's shares of discount and tax add up to the order's, with the tax on shipping.
alter table orders add column prices_include_tax bigint not null default 0;
alter table orders add column terms text;
alter table order_lines add column discount bigint not null default 0;
alter table order_lines add column tax bigint not null default 0;

-- Staff find orders by beginnings of e-mail addresses and SKUs, in small letters: ranges of these indexes. Compared byte by
-- byte, so that a beginning is a range whatever the database's locale.
alter table order_lines add column sku_key text collate "C" generated always as (lower(sku collate "C")) stored;
drop index order_lines_by_sku;
create index order_lines_by_sku on order_lines (sku_key, ordered_at, order_number);
alter table orders alter column email_key type text collate "C";

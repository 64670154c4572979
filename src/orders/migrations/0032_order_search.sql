-- Staff find orders by beginnings of e-mail addresses and SKUs, in small letters: ranges of these indexes.
alter table order_lines add column sku_key text generated always as (lower(sku)) virtual;
drop index order_lines_by_sku;
create index order_lines_by_sku on order_lines (sku_key, ordered_at, order_number);

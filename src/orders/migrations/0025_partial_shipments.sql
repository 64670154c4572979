-- A line may leave in several parcels; `shipped` never passes its quantity.
alter table order_lines add column shipped bigint not null default 0;
update order_lines set shipped = quantity where order_id in (select id from orders where status in ('shipped', 'delivered'));

-- Lists of the orders with a SKU walk an index in the order of lists, however many there are.
alter table order_lines add column ordered_at bigint not null default 0;
alter table order_lines add column order_number bigint not null default 0;
update order_lines set
    ordered_at = (select o.created_at from orders as o where o.id = order_lines.order_id),
    order_number = (select o.number from orders as o where o.id = order_lines.order_id);
drop index order_lines_by_sku;
create index order_lines_by_sku on order_lines (sku, ordered_at, order_number);

-- What staff write to each other about an order.
create table order_notes (
    id text primary key,
    order_id text not null references orders (id),
    author text not null,
    words text not null,
    created_at bigint not null
);
create index order_notes_by_order on order_notes (order_id, id);

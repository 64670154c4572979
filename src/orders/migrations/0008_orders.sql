-- Orders. `number` is what people say on the phone; it grows from 1001 and is the row's key on disk.
create table orders (
    number integer primary key autoincrement,
    id text not null unique,
    user_id text,
    email text not null,
    email_key text not null,
    status text not null,
    payment_status text not null,
    currency text not null,
    subtotal bigint not null,
    discount_total bigint not null,
    shipping_total bigint not null,
    tax_total bigint not null,
    total bigint not null,
    shipping_address text not null,
    billing_address text,
    note text,
    created_at bigint not null,
    updated_at bigint not null
);
insert into sqlite_sequence (name, seq) values ('orders', 1000);
-- Each ends in the row's number, as every SQLite index does.
create index orders_by_time on orders (created_at);
create index orders_by_user on orders (user_id, created_at) where user_id is not null;
create index orders_by_email on orders (email_key, created_at);
create index orders_by_status on orders (status, created_at);
create index orders_by_payment on orders (payment_status, created_at);

create table order_lines (
    order_id text not null references orders (id),
    position bigint not null,
    id text not null,
    variant_id text not null,
    product_id text not null,
    sku text not null,
    title text not null,
    options text not null,
    quantity bigint not null,
    unit_price bigint not null,
    total bigint not null,
    primary key (order_id, position)
) without rowid;
create index order_lines_by_sku on order_lines (sku);

-- What came after the placing, which the order's own row tells of.
create table order_timeline (
    order_id text not null references orders (id),
    place bigint not null,
    at bigint not null,
    type text not null,
    actor text not null,
    note text,
    primary key (order_id, place)
) without rowid;

create table shipments (
    id text primary key,
    order_id text not null references orders (id),
    carrier text not null,
    tracking_number text not null,
    tracking_url text,
    shipped_at bigint not null,
    delivered_at bigint
);
create index shipments_by_order on shipments (order_id);

create table shipment_lines (
    shipment_id text not null references shipments (id),
    line_id text not null,
    quantity bigint not null,
    primary key (shipment_id, line_id)
) without rowid;

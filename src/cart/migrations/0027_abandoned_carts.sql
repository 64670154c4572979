-- Open carts with something in them that nobody has changed for an hour, of people who can be reached.
create table abandoned_carts (
    cart_id text primary key references carts (id) on delete cascade,
    noticed_at bigint not null
);
create index abandoned_carts_by_time on abandoned_carts (noticed_at, cart_id);

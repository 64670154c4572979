-- The ids of carts are random. Rows that lay in their order had pages of their own, and nearly every change of a cart wrote
-- one; now they lie in the order of their making, and those that customers change today share pages.
create table new_carts (
    id text not null primary key,
    user_id text,
    email text,
    currency text,
    order_id text,
    owned_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    expires_at bigint not null,
    look_at bigint not null,
    shipping_address text,
    hold_id text,
    held_since bigint,
    held_until bigint,
    spent_by text,
    shipping_method_id text,
    discount_code text
);
insert into new_carts select id, user_id, email, currency, order_id, owned_at, created_at, updated_at, expires_at, look_at,
    shipping_address, hold_id, held_since, held_until, spent_by, shipping_method_id, discount_code
    from carts order by created_at;

create table new_cart_items (
    cart_id text not null references carts (id) on delete cascade,
    variant_id text not null,
    id text not null,
    quantity bigint not null,
    position bigint not null,
    held bigint not null default 0,
    seen_price bigint,
    reduced_from bigint,
    primary key (cart_id, variant_id)
);
insert into new_cart_items select cart_id, variant_id, id, quantity, position, held, seen_price, reduced_from
    from cart_items order by id;

drop table cart_items;
drop table carts;
alter table new_carts rename to carts;
alter table new_cart_items rename to cart_items;
create index carts_by_owner on carts (user_id, owned_at) where user_id is not null;
create index carts_by_look on carts (look_at);
create index carts_by_hold on carts (held_until) where held_until is not null;

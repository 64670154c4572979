-- Carts and their lines. `owned_at` tells which of an account's open carts is the current one: the latest. A change
-- moves `expires_at` and no index; `look_at` is when to see whether that has come.
create table carts (
    id text primary key,
    user_id text,
    email text,
    currency text,
    order_id text,
    owned_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    expires_at bigint not null,
    look_at bigint not null
) with (fillfactor = 80);
create index carts_by_owner on carts (user_id, owned_at) where user_id is not null;
create index carts_by_look on carts (look_at);

-- The primary key is what makes adding the same variant twice one line.
create table cart_items (
    cart_id text not null references carts (id) on delete cascade,
    variant_id text not null,
    id text not null,
    quantity bigint not null,
    position bigint not null,
    primary key (cart_id, variant_id)
);

-- A row an account: whoever claims a cart holds it, so that two claims at once find each other's cart.
create table cart_owners (
    user_id text primary key,
    claims bigint not null
);

-- A checkout holds units in the name of the order that the cart may become (hold_id), until held_until; no
-- held_until, no hold. `spent_by` tells the first try to order a cart from later ones.
alter table carts add column shipping_address text;
alter table carts add column hold_id text;
alter table carts add column held_since bigint;
alter table carts add column held_until bigint;
alter table carts add column spent_by text;
create index carts_by_hold on carts (held_until) where held_until is not null;
alter table cart_items add column held bigint not null default 0;
alter table cart_items add column seen_price bigint;
alter table cart_items add column reduced_from bigint;

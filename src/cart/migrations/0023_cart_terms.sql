-- How a cart is to be sent, and the code that takes something off.
alter table carts add column shipping_method_id text;
alter table carts add column discount_code text;

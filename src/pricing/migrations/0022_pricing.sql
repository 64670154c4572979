-- What is added to and taken off the price of goods: shipping, taxes and discount codes.

-- `countries` and `tiers` are JSON lists; no countries means everywhere. Prices are in minor units of `currency`.
create table shipping_methods (
    id text primary key,
    name text not null,
    kind text not null,
    currency text not null,
    countries text not null,
    price bigint not null,
    free_from bigint,
    tiers text not null,
    active bigint not null,
    position bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);

-- `region` is upper-case, and empty for the rest of the country.
create table tax_rates (
    id text primary key,
    name text not null,
    country text not null,
    region text not null,
    rate_ppm bigint not null,
    included bigint not null,
    on_shipping bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);
create unique index tax_rate_taken on tax_rates (country, region);

-- `uses` counts orders that stand; a conditional update of it decides who gets a code's last use.
create table discounts (
    id text primary key,
    code text not null,
    code_key text not null,
    kind text not null,
    percent_ppm bigint not null,
    amount bigint not null,
    currency text,
    minimum bigint not null,
    starts_at bigint,
    ends_at bigint,
    uses_max bigint,
    uses_per_customer_max bigint,
    active bigint not null,
    uses bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null
);
create unique index discount_code_taken on discounts (code_key);

-- A row for an account and one for an e-mail address: whoever has both is counted under both.
create table discount_customers (
    discount_id text not null,
    customer text not null,
    uses bigint not null,
    primary key (discount_id, customer)
);

-- Which order used which code, so that cancelling gives the use back.
create table discount_uses (
    order_id text primary key,
    discount_id text not null,
    user_id text,
    email_key text not null
);

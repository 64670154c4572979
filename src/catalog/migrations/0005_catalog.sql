-- Products, their variants with stock, and the category tree.

-- One row: whoever changes the catalogue's structure holds it until the commit, so that staff changes happen one
-- after the other. Reading and selling never touch it.
create table catalog_lock (
    id bigint primary key,
    version bigint not null
);
insert into catalog_lock (id, version) values (1, 0);

create table categories (
    id text primary key,
    parent_id text references categories (id),
    name text not null,
    slug text not null,
    position bigint not null,
    product_count bigint not null default 0
);
create unique index categories_slug on categories (slug);
create index categories_parent on categories (parent_id);

-- price_min, price_max and in_stock follow from the variants; they are kept here for lists.
create table products (
    id text primary key,
    slug text not null,
    title text not null,
    title_key text not null,
    description text not null,
    status text not null,
    brand text,
    attributes text not null,
    options text not null,
    currency text not null,
    price_min bigint not null,
    price_max bigint not null,
    in_stock bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);
create unique index slug_taken on products (slug);
create index products_by_age on products (status, created_at, id);
create index products_by_price on products (status, price_min, id);
create index products_by_title on products (status, title_key, id);
create index products_by_brand_and_age on products (brand, status, created_at, id) where brand is not null;
create index products_by_brand_and_price on products (brand, status, price_min, id) where brand is not null;
create index products_sold_out on products (status, id) where in_stock = 0;

-- A product in each category it was put into (direct = 1) and in all of their ancestors, with the columns that lists
-- sort by, so that a page of a category is one walk along an index.
create table category_products (
    product_id text not null references products (id) on delete cascade,
    category_id text not null references categories (id),
    direct bigint not null,
    status text not null,
    created_at bigint not null,
    price_min bigint not null,
    title_key text not null,
    primary key (product_id, category_id)
);
create index category_products_by_age on category_products (category_id, status, created_at, product_id);
create index category_products_by_price on category_products (category_id, status, price_min, product_id);
create index category_products_by_title on category_products (category_id, status, title_key, product_id);

-- What attributes[Name]=value looks up: "Name", a line feed, "value". No foreign key: it would need a second index,
-- and whoever changes or deletes a product knows its pairs.
create table product_attributes (
    pair text not null,
    product_id text not null,
    primary key (pair, product_id)
);

create table variants (
    id text primary key,
    product_id text not null references products (id),
    sku text not null,
    title text,
    options text not null,
    price bigint not null,
    compare_at_price bigint,
    weight_grams bigint,
    position bigint not null,
    on_hand bigint not null,
    reserved bigint not null default 0,
    ordered bigint not null default 0,
    stock_entry_count bigint not null default 0,
    constraint stock_reserved check (reserved >= 0 and reserved <= on_hand)
);
create unique index sku_taken on variants (sku);
create index variants_product on variants (product_id, position);

-- Every change of a variant's stock, numbered by the variant itself.
create table stock_entries (
    variant_id text not null references variants (id) on delete cascade,
    number bigint not null,
    id text not null,
    kind text not null,
    on_hand_change bigint not null,
    reserved_change bigint not null,
    on_hand_after bigint not null,
    reserved_after bigint not null,
    reason text,
    actor text not null,
    order_id text,
    created_at bigint not null,
    primary key (variant_id, number)
);

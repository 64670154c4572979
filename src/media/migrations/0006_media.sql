-- Pictures of products; `file` is the name of a file in the media folder.
create table images (
    id text primary key,
    product_id text not null references products (id) on delete cascade,
    alt text not null,
    position bigint not null,
    width bigint not null,
    height bigint not null,
    file text not null
);
create index images_product on images (product_id, position);

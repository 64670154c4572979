-- Words that mean the same, as staff say: one group a row.
create table search_synonyms (
    id text primary key,
    words text not null,
    created_at bigint not null
);

-- How often two products were in one order; each pair stands here both ways.
create table bought_together (
    product_id text not null references products (id) on delete cascade,
    other_id text not null references products (id) on delete cascade,
    order_count bigint not null,
    primary key (product_id, other_id)
);
create index bought_together_other on bought_together (other_id);
create index bought_together_often on bought_together (product_id, order_count);

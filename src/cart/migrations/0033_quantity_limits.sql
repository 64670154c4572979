-- How many of a variant one order may have, where staff have said so: for what is scarce.
create table quantity_limits (
    variant_id text primary key,
    quantity_max bigint not null check (quantity_max > 0),
    updated_at bigint not null
);

-- What a password hash costs: measured once, so that all nodes and restarts agree on which hashes are weaker.
create table password_cost (
    one bigint primary key check (one = 1),
    memory_kib bigint not null,
    passes bigint not null,
    measured_at bigint not null
);

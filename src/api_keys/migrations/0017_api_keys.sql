-- Keys of programs. The key itself is random and known to its holder only; here is its hash.
create table api_keys (
    id text primary key,
    name text not null,
    hash text not null unique,
    hint text not null,
    permissions text not null,
    created_by text not null,
    created_at bigint not null,
    last_used_at bigint
);

-- Who did what with a permission. Rows are written by the transactions that they tell of and chained behind them, one after
-- the other, so that the writers don't wait for each other: position and mac are empty until then.
create table audit_log (
    id text primary key,
    at bigint not null,
    actor text not null,
    session text not null,
    ip text not null,
    request_id text not null,
    action text not null,
    target text not null,
    before text not null,
    after text not null,
    position bigint unique,
    mac text
);

create index audit_log_by_actor on audit_log (actor, id);
create index audit_log_by_target on audit_log (target, id);

-- The end of the chain, one row.
create table audit_head (
    one bigint primary key check (one = 1),
    position bigint not null,
    mac text not null
);

-- Identity values are given out before their transactions commit, so ids alone could be passed over by a reader.
-- Followers read by (transaction_id, id) and only below the oldest transaction still running.
create table events (
    id bigint generated always as identity,
    transaction_id bigint not null default (pg_current_xact_id()::text::bigint),
    type text not null,
    subject text not null,
    payload text not null,
    created_at bigint not null,
    primary key (transaction_id, id)
);

create table followers (
    name text primary key,
    transaction_id bigint not null,
    event_id bigint not null
);

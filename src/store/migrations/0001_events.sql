-- The event log, and how far each follower has read it.
create table events (
    id integer primary key autoincrement,
    type text not null,
    subject text not null,
    payload text not null,
    created_at bigint not null
);

create table followers (
    name text primary key,
    transaction_id bigint not null,
    event_id bigint not null
);

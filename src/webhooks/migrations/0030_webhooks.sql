-- Where staff want to hear of events, and what is on its way there. The cursor says how far the event log was copied into
-- deliveries for this endpoint; `events` is a JSON array of patterns.
create table webhook_endpoints (
    id text primary key,
    url text not null,
    description text not null,
    events text not null,
    status text not null,
    sealed_secret text not null,
    sealed_old_secret text,
    old_secret_until bigint,
    cursor_transaction bigint not null,
    cursor_event bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);

-- `number` grows in the order of the log: of one endpoint and subject, only the first that waits may be sent.
create table webhook_deliveries (
    number integer primary key autoincrement,
    endpoint_id text not null references webhook_endpoints (id) on delete cascade,
    event_id text not null,
    type text not null,
    subject text not null,
    body text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts bigint not null default 0,
    next_try_at bigint not null,
    last_status bigint,
    last_error text,
    created_at bigint not null,
    settled_at bigint
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_try_at) where state = 'waiting';
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, subject, number) where state = 'waiting';
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, number);
create index webhook_deliveries_settled on webhook_deliveries (settled_at) where settled_at is not null;

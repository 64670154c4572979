-- What was paid for orders, and through whom. `told_at` is how old the provider's latest word on it is; `look_at` when to
-- ask it next (null: never again). `refunding` counts refunds from their asking on, `refunded` those that went through.
create table payments (
    id text primary key,
    order_id text not null references orders (id),
    provider text not null,
    reference text,
    method text not null,
    captures_later bigint not null,
    status text not null,
    currency text not null,
    amount bigint not null,
    captured bigint not null default 0,
    refunding bigint not null default 0,
    refunded bigint not null default 0,
    failure text,
    told_at bigint not null default 0,
    look_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    check (captured between 0 and amount and refunded between 0 and captured)
);
create index payments_by_order on payments (order_id, id);
-- One payment at a time is on its way for an order.
create unique index payments_on_their_way on payments (order_id) where status in ('pending', 'processing', 'failed', 'authorized');
create unique index payments_by_reference on payments (provider, reference) where provider <> 'manual' and reference is not null;
create index payments_to_look_at on payments (look_at) where look_at is not null;

-- What providers are asked to do, each under its id as the key that makes a repetition harmless. Of one payment the first
-- that waits goes first. Refunds stay here as what they are; `refund_reference` is the provider's name of one.
create table payment_calls (
    id text primary key,
    payment_id text not null references payments (id),
    kind text not null,
    amount bigint not null,
    reason text,
    actor text not null,
    state text not null default 'waiting' check (state in ('waiting', 'pending', 'done', 'refused')),
    attempts bigint not null default 0,
    next_try_at bigint not null,
    refund_reference text,
    failure text,
    created_at bigint not null,
    settled_at bigint
);
create index payment_calls_by_payment on payment_calls (payment_id, id);
create index payment_calls_due on payment_calls (next_try_at) where state = 'waiting';
create unique index payment_calls_by_refund on payment_calls (refund_reference) where refund_reference is not null;

-- Events of providers that were applied: each counts once, however often it is told.
create table payment_events (
    provider text not null,
    event_id text not null,
    received_at bigint not null,
    primary key (provider, event_id)
);
create index payment_events_by_time on payment_events (received_at);

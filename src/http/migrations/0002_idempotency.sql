-- Answers of POSTs by their Idempotency-Key, stored in the transaction of their effect.
create table idempotency_keys (
    owner text not null,
    key text not null,
    request text not null,
    status bigint not null,
    answer text not null,
    created_at bigint not null,
    primary key (owner, key)
);

create index idempotency_keys_created_at on idempotency_keys (created_at);

-- Letters on their way. (event, kind) says that one event is written about once. What a letter says is kept only while it
-- waits; its row stays a while longer, to be told apart from a second one.
create table mail_outbox (
    id text primary key,
    event text not null,
    kind text not null,
    recipient text not null,
    recipient_key text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    sealed_token text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts bigint not null default 0,
    next_try_at bigint not null,
    good_until bigint,
    last_error text,
    created_at bigint not null,
    settled_at bigint,
    unique (event, kind)
);

create index mail_outbox_waiting on mail_outbox (next_try_at) where state = 'waiting';
create index mail_outbox_settled on mail_outbox (settled_at) where settled_at is not null;
create index mail_outbox_by_recipient on mail_outbox (recipient_key);

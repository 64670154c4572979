-- Secrets that were sent by mail, by hash: whoever has one reads the mail of that address. Deleted when used.
create table mail_tokens (
    hash text primary key,
    user_id text not null references users (id) on delete cascade,
    purpose text not null check (purpose in ('verify', 'reset')),
    email text not null,
    created_at bigint not null,
    ends_at bigint not null
);

create index mail_tokens_of_user on mail_tokens (user_id, purpose, created_at);
create index mail_tokens_by_end on mail_tokens (ends_at);

-- Forgotten passwords, as they were reported: a follower looks whether there is such an account, so that the answer to
-- the report takes the same time either way.
create table forgotten_passwords (
    id text primary key,
    email text not null,
    created_at bigint not null
);

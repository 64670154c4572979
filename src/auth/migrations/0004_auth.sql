-- Who is signed in, and the keys that access tokens are signed with.
create table signing_keys (
    serial bigint primary key,
    kid text not null unique,
    sealed_seed text not null,
    public_key text not null,
    created_at bigint not null
);

create table sessions (
    id text primary key,
    user_id text not null references users (id) on delete cascade,
    ip text not null,
    user_agent text not null,
    created_at bigint not null,
    last_used_at bigint not null,
    ends_at bigint not null,
    revoked_at bigint
);

create index sessions_of_user on sessions (user_id, id);
create index sessions_by_end on sessions (ends_at);
create index sessions_by_revocation on sessions (revoked_at) where revoked_at is not null;

-- Every refresh token a session ever had, by hash: one that comes back spent gives a thief away. The answer that a
-- spent one was exchanged for is kept sealed under a key that only the token itself gives.
create table refresh_tokens (
    hash text primary key,
    session_id text not null references sessions (id) on delete cascade,
    predecessor text,
    spent_at bigint,
    sealed_successor text
);

create index refresh_tokens_of_session on refresh_tokens (session_id);

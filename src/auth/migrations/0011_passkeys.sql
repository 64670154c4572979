-- Public keys that accounts sign in with (WebAuthn).
create table passkeys (
    id text primary key,
    credential_id text not null unique,
    user_id text not null references users (id) on delete cascade,
    name text not null,
    algorithm bigint not null,
    public_key text not null,
    sign_count bigint not null,
    backup_eligible bigint not null,
    backed_up bigint not null,
    aaguid text not null,
    created_at bigint not null,
    last_used_at bigint
);

create index passkeys_of_user on passkeys (user_id, id);

-- Challenges that wait for their answer, by hash; each is taken once. Without a user: anybody may sign in with it.
create table passkey_challenges (
    hash text primary key,
    purpose text not null check (purpose in ('register', 'login')),
    user_id text references users (id) on delete cascade,
    ends_at bigint not null
);

create index passkey_challenges_by_end on passkey_challenges (ends_at);

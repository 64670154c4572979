-- When a session's holder last proved who they are, and last gave a second factor.
alter table sessions add column authenticated_at bigint not null default 0;
alter table sessions add column second_factor_at bigint;

-- An authenticator app's secret, sealed. Pending until its first code came; of a code's time step none up to
-- last_step is taken again.
create table totp_secrets (
    user_id text primary key references users (id) on delete cascade,
    sealed_secret text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null default 0
);

-- Those that are left, by hash.
create table recovery_codes (
    hash text primary key,
    user_id text not null references users (id) on delete cascade
);

create index recovery_codes_of_user on recovery_codes (user_id);

-- Log-ins whose password was right and that wait for a second factor; password_mark tells whether the password is
-- still that one.
create table mfa_challenges (
    hash text primary key,
    user_id text not null references users (id) on delete cascade,
    password_mark text not null,
    wrong_codes bigint not null default 0,
    ends_at bigint not null
);

create index mfa_challenges_by_end on mfa_challenges (ends_at);

-- Consecutive failures, and until when nothing more is tried. A subject is an account or an address (auth/tries.hpp).
create table tries (
    subject text primary key,
    failures bigint not null,
    blocked_until bigint not null,
    updated_at bigint not null
);

create index tries_by_update on tries (updated_at);

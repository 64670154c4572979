-- Accounts. Addresses are a user's own; which of them is the default stands in the user's row, so that there is
-- never more than one.
create table users (
    id text primary key,
    email text not null,
    email_key text not null,
    email_verified bigint not null default 0,
    name text not null,
    phone text,
    role text not null check (role in ('customer', 'support', 'manager', 'admin')),
    password_hash text not null,
    mfa_enabled bigint not null default 0,
    disabled bigint not null default 0,
    sessions_valid_from bigint not null default 0,
    last_login_at bigint,
    address_count bigint not null default 0,
    default_shipping_id text,
    default_billing_id text,
    created_at bigint not null,
    updated_at bigint not null
);

create unique index email_taken on users (email_key);
create index users_by_role on users (role, id);
create index users_by_sessions_valid_from on users (sessions_valid_from) where sessions_valid_from > 0;

create table addresses (
    id text primary key,
    user_id text not null references users (id) on delete cascade,
    name text not null,
    company text,
    line1 text not null,
    line2 text,
    city text not null,
    region text,
    postal_code text not null,
    country text not null,
    phone text,
    created_at bigint not null,
    updated_at bigint not null
);

create index addresses_of_user on addresses (user_id, id);

-- Conversations and their messages. A support conversation belongs to its customer (owner_id) and the team; a direct one
-- to two people, of whom `pair` holds the ids in order, so that there is one of them. A conversation's row is locked by
-- each message, which takes the next number from it: the order is the same for everyone.
create table conversations (
    id text primary key,
    kind text not null check (kind in ('support', 'direct')),
    status text not null check (status in ('open', 'closed')),
    subject text,
    order_id text,
    owner_id text not null,
    partner_id text,
    pair text unique,
    assigned_to text,
    last_sequence bigint not null default 0,
    team_read bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null
);
create index conversations_of_owner on conversations (owner_id, updated_at, id);
create index conversations_of_partner on conversations (partner_id, updated_at, id) where partner_id is not null;
create index conversations_by_time on conversations (kind, updated_at, id);
create index conversations_by_status on conversations (kind, status, updated_at, id);
create index conversations_by_assignee on conversations (assigned_to, updated_at, id);

-- A deleted message keeps its place, not its text.
create table messages (
    id text primary key,
    conversation_id text not null references conversations (id),
    sequence bigint not null,
    sender_id text not null,
    client_id text,
    text text not null,
    created_at bigint not null,
    edited_at bigint,
    deleted_at bigint,
    unique (conversation_id, sequence)
);
create unique index messages_by_client_id on messages (conversation_id, sender_id, client_id)
    where client_id is not null;

-- How far somebody has read. Those who only look on, as staff may, have not joined.
create table conversation_members (
    conversation_id text not null references conversations (id),
    user_id text not null,
    joined bigint not null,
    read_sequence bigint not null default 0,
    primary key (conversation_id, user_id)
);
create index conversation_members_by_user on conversation_members (user_id, conversation_id);

-- When somebody has used up what they may do in a while: the theoretical arrival time of the generic cell rate
-- algorithm (ITU-T I.371), one for each kind of deed.
create table chat_pace (
    user_id text not null,
    deed text not null,
    arrival_at bigint not null,
    primary key (user_id, deed)
);

create table chat_blocks (
    user_id text not null,
    blocked_id text not null,
    created_at bigint not null,
    primary key (user_id, blocked_id)
);

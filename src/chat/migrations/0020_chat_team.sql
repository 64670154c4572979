-- What people complain of keeps the words it was about, also when the message is taken back.
create table chat_reports (
    id text primary key,
    conversation_id text not null references conversations (id),
    message_id text not null references messages (id),
    text text not null,
    sender_id text not null,
    reported_by text not null,
    reason text not null,
    status text not null check (status in ('open', 'resolved')),
    resolved_by text,
    created_at bigint not null,
    resolved_at bigint,
    unique (message_id, reported_by)
);
create index chat_reports_by_status on chat_reports (status, id);

create table canned_replies (
    id text primary key,
    title text not null,
    text text not null,
    created_at bigint not null,
    updated_at bigint not null
);

-- The words of support's messages, in small letters. A message's id tells its age.
create table message_words (
    word text not null,
    message_id text not null references messages (id),
    primary key (word, message_id)
);
create index message_words_of_message on message_words (message_id);

-- Pictures in conversations. One is uploaded first and belongs to a message once that is sent; the names are those of
-- files in chat's own folder.
create table chat_pictures (
    id text primary key,
    conversation_id text not null references conversations (id),
    uploaded_by text not null,
    message_id text references messages (id),
    position bigint not null default 0,
    alt text not null,
    width bigint not null,
    height bigint not null,
    dominant_color text not null,
    thumb text not null,
    small text not null,
    medium text not null,
    large text not null,
    original text not null,
    created_at bigint not null
);
create index chat_pictures_of_message on chat_pictures (message_id, position) where message_id is not null;
create index chat_pictures_unsent on chat_pictures (created_at) where message_id is null;

-- Which files are in use: the others are swept away.
create table chat_picture_files (
    file text not null,
    picture_id text not null references chat_pictures (id) on delete cascade,
    primary key (file, picture_id)
);
create index chat_picture_files_of_picture on chat_picture_files (picture_id);

-- So that messages without pictures, nearly all of them, are shown without looking for some.
alter table messages add column picture_count bigint not null default 0;

-- An address that is to take the place of `email` once it is proven, and when the owner had everything erased.
alter table users add column pending_email text;
alter table users add column erased_at bigint;

create index users_erased on users (erased_at) where erased_at is not null;

-- What staff find an account by: beginnings of these. The address, its domain and the words of the name, in small letters.
create table user_terms (
    term text not null,
    user_id text not null references users (id) on delete cascade,
    primary key (term, user_id)
);

create index user_terms_of_user on user_terms (user_id);

insert into user_terms (term, user_id) select email_key, id from users;

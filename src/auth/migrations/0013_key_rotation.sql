-- A new key is shown to everybody before it signs; the one before it verifies until its last tokens have ended.
alter table signing_keys add column signs_from bigint not null default 0;

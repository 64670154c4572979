-- What came from a MongoDB: by the document's _id there what it became here, and a digest of what was read of it, so that a
-- second run changes nothing and orders find their customers. Rows stay when what they name is deleted or erased here: then it
-- doesn't come again.
create table moved_in (
    kind text not null,
    old_id text not null,
    new_id text not null,
    digest text not null,
    primary key (kind, old_id)
);
create index moved_in_by_new on moved_in (kind, new_id);

-- An order that another shop took: history. Its units were counted there, so none of this shop's stock is reserved for it.
alter table orders add column imported bigint not null default 0;

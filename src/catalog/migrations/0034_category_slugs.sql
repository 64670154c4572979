-- Slugs that categories had before, and those of categories that were moved into another: links to them lead to where
-- the goods are now.
create table category_slugs (
    slug text primary key,
    category_id text not null references categories (id) on delete cascade
);
create index category_slugs_category on category_slugs (category_id);

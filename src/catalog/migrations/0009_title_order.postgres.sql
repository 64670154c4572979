-- Titles sort byte by byte on both engines, whatever the database's own collation: pages of several statuses are merged
-- by the program, which compares so.
alter table products alter column title_key type text collate "C";
alter table category_products alter column title_key type text collate "C";

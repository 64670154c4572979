-- Pictures that were taken in have a file for each size; those that came as they are have one for all.
alter table images add column thumb text;
alter table images add column small text;
alter table images add column medium text;
alter table images add column large text;
alter table images add column dominant_color text;

-- Which files are in use: the others are swept away.
create table image_files (
    file text not null,
    image_id text not null references images (id) on delete cascade,
    primary key (file, image_id)
);
create index image_files_image on image_files (image_id);
insert into image_files (file, image_id) select file, id from images;

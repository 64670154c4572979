-- SQLite compares text byte by byte as it is; see 0009_title_order.postgres.sql.
select 1;

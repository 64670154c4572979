-- The kinds of password hashes there are in the shop, its own and those it took over, and how long each takes to verify:
-- a refused log-in takes as long as the slowest, so that its time tells nothing.
create table password_kinds (
    kind text primary key,
    verify_us bigint not null
);

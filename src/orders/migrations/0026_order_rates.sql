-- How many orders an account or an address placed in one hour of the clock.
create table order_rates (
    customer text not null,
    hour bigint not null,
    orders bigint not null,
    primary key (customer, hour)
);
create index order_rates_by_hour on order_rates (hour);

-- Of one endpoint and subject, only the first that waits may be sent: by the event's id in the log. PostgreSQL's log
-- is read in another order, that in which transactions began, so a later event may be copied before an earlier one.
alter table webhook_deliveries add column log_id bigint not null default 0;
drop index webhook_deliveries_in_order;
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, subject, log_id, number) where state = 'waiting';

-- One call to Temporal tells every row of a request, so they are looked for by request; the sweep asks so too.
create index outbox_request on placet.outbox (tenant_id, request_id);

-- Up Migration
-- Why: an export of the log says which version of the policy was in force at each decision, and finds the few events that tell so
-- without walking over all of them.
-- Locks: share on audit_events while its rows are read once, about a second for five million; what is recorded waits for so long.

create index audit_events_policy_applied on placet.audit_events (tenant_id, position) where type = 'policy.applied';

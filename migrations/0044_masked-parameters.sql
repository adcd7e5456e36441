-- Up Migration
-- Why: a masked parameter is digested as a commitment, and its value kept nowhere. Agent and tool need its salt again, which is
-- sealed under the master key: with the database alone nobody can try values.
-- Locks: access exclusive on approval_requests, for the moment that it takes to change its catalogue.
alter table placet.approval_requests add column salts_sealed bytea check (length(salts_sealed) between 1 and 16384);

-- Up Migration
-- Why: an admin token may have the role of a tool, which asks whether a credential is good and may nothing else.
-- Locks: access exclusive on admin_tokens while its few rows are checked again.
alter table placet.admin_tokens drop constraint admin_tokens_role_check;
alter table placet.admin_tokens add constraint admin_tokens_role_check
  check (role in ('owner', 'admin', 'policy_editor', 'auditor', 'viewer', 'tool'));

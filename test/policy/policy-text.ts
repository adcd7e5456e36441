// One whole policy as text, and what the reader of policy files makes of a text. Expects nothing itself.

import { parsePolicyFile } from '../../src/policy/read.ts';

/** Reads the text as the bytes of a policy file. */
export const read = (text: string) => parsePolicyFile(new TextEncoder().encode(text));

/** Each problem of the text as `line:column path: message`; none for a document. */
export const problemsOf = (text: string): string[] => {
  const file = read(text);
  return file.kind === 'document'
    ? []
    : file.problems.map(({ line, column, path, message }) => `${line}:${column} ${path.join('.')}: ${message}`);
};

export const WHOLE = `version: 1
people:
  - { email: Finance-Lead@example.com, name: Finance Lead, slack: ["T0ACME/U0FINLEAD"] }
approver_groups:
  payments: { members: [finance-lead@example.com, treasurer@example.com], channel: C0PAYMENTS }
  dba:      { slack_user_group: S0DBA, channel: C0DBA }
rules:
  - name: refunds need two people
    match: { action: "orders.refund", resource: "order/*", agents: ["*"], environments: [production] }
    effect: require
    approvers: [payments]
    quorum: 2
    timeout: 10m
    credential: { type: jwt, audience: "https://orders.example", scopes: ["orders:refund"], lifetime: 5m }
`;

/** The whole policy with one text in it replaced. */
export const change = (from: string, to: string) => WHOLE.replace(from, to);

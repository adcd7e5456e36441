// The page that goes with each export: what its files are, and how it is checked. The same in every one.

export const EXPORT_PAGE = `# An export of Placet's audit log

\`manifest.json\` says which places of the log are here, how many events of each type, what a filter left out, and the SHA-256 of
every other file. The same span makes the same archive, byte for byte.

| file | what it is |
|---|---|
| \`events.ndjson\` | the events, one a line: exactly the bytes that the log has as its leaves. Personal data, free text and parameters are not in them: \`committed\` has a salted SHA-256 for each |
| \`events.csv\` | the same for spreadsheets; a cell that would be a formula begins with an apostrophe |
| \`decisions.csv\` | each decision of the span, with the policy that it was made under, and who was in the groups of its stage then |
| \`separation-of-duties.csv\` | each approval and denial: who stood behind the request, who decided, and how often one of the former tried |
| \`leases.csv\` | each credential that was issued: the approval before it, when it ended, and how late; \`overdue\` is one that has no end a minute after its time |
| \`policies.ndjson\` | the rules of each version of the policy up to the end of the span, with \`(an address)\` for each address in a \`when\`, and the digest of the whole version |
| \`left-out.txt\` | place and leaf hash of each event that the filter left out |
| \`proof.txt\` | the hashes of the tree around the span (RFC 6962), from the left to the right |
| \`checkpoint.txt\` | the signed size and root of the log (C2SP tlog-checkpoint) |
| \`log.key\` | the log's public key. Compare it with the one that you were given otherwise: one that came along proves nothing |
| \`verify.mjs\`, \`verify-tables.mjs\` | check all of it, offline, without dependencies |

\`\`\`sh
node verify.mjs . --key name+id+key
\`\`\`

It holds every file against the manifest, the checkpoint against the key, and the events and the hashes of those left out against the
root: one that was altered, added or taken away makes another root. So the span is whole. Without a filter nothing may be left out. Each
table has one line for each event of its own that is shown, and its cells are what that event says; who stood behind an approval or denial
and who decided it are checked too where all of the request is in a span without a filter.

These are the word of whoever exported, and not checked:
- with a filter, that what was left out is of other types: a hash does not show its type
- \`from\` and \`to\`: they are of when the log gave an event its place, a moment after it happened, which no event tells
- of \`decisions.csv\`: \`counted_in\`, \`groups_and_members\`, \`policy_id\`, \`policy_number\`, \`rule\`
- of \`separation-of-duties.csv\`: \`is_separated\`, \`own_attempts_refused\`, and all but the first four where the request is not all shown
- of \`leases.csv\`: the approval, and \`state\`, \`ended_at\`, \`lag_seconds\`
- of \`policies.ndjson\`: the rules, and versions whose event is not shown

It does not prove that what was logged happened, nor that nothing happened which was not logged. Take the verifier from the package of
Placet (\`scripts/verify-archive.mjs\` and \`verify-tables.mjs\`) rather than from an archive: whoever wrote the one could have written the other.
`;

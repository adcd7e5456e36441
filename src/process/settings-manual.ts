// Writes the manual of the settings (docs/configuration.md) from their table.

import { settings } from './settings.ts';

const INTRODUCTION = `# Configuration

Placet reads its settings from environment variables, once, when it starts. An empty variable counts as not set. A
setting that is wrong, an unknown \`PLACET_…\` or \`TEMPORAL_…\` variable or an unsafe combination stops the start with one message
that names every fault; values are never repeated in it. \`placet doctor\` checks the settings and what they point to.

This page is generated from \`src/process/settings.ts\` by \`node scripts/docs.mjs\`; a test fails when they differ.

| variable | type | default | what it is |
|---|---|---|---|
`;

const COMBINATIONS = `
## Combinations

- \`SLACK_BOT_TOKEN\` needs \`SLACK_APP_TOKEN\` (Socket Mode) or \`SLACK_SIGNING_SECRET\` (signed HTTP). With both, Socket Mode
  is used. Without a bot token, \`npm start\` opens the playground instead.
- \`DATABASE_URL\` and \`DATABASE_OWNER_URL\` are different logins: the application may not own its tables.
  \`DATABASE_OWNER_URL\` alone is refused.
- \`PLACET_PUBLIC_URL\` is \`https\` unless it is on this machine, and is needed when \`PLACET_HOST\` is not a loopback address.
`;

const HOSTS = `
## Hosts, IPv6 and proxies

- In a URL and in \`TEMPORAL_ADDRESS\` an address of IPv6 stands in brackets (\`[::1]:7233\`, \`postgres://placet:…@[::1]:5432/placet\`);
  \`PLACET_HOST\` takes it with or without.
- \`PLACET_HOST=::\` listens on every address of both kinds, \`0.0.0.0\` on those of IPv4, and \`localhost\` on \`127.0.0.1\` and \`::1\`,
  as \`npm start\` does.
- Behind a proxy, \`PLACET_PUBLIC_URL\` is the URL that others use, path included: \`https://tools.example/placet\`. It is the issuer of
  credentials and the server in \`/openapi.json\`, and the SDK takes it as \`url\`. The keys are below it, at \`/.well-known/jwks.json\`, and
  over signed HTTP the request URL for Slack is \`https://tools.example/placet/slack/events\`.
- The proxy takes that path off: it passes \`/placet/v1/…\` on as \`/v1/…\` to \`PLACET_PORT\`, and \`/placet/slack/events\` as
  \`/slack/events\` to \`SLACK_PORT\`.
- Credentials name the issuer letter by letter, so a change of it ends those that are out.
`;

const TEMPORAL = `
## Temporal over TLS, and Temporal Cloud

The names are those that [Temporal's own tools](https://docs.temporal.io/references/client-environment-configuration) read, and the
worker's two clients use the same ones. Temporal Cloud with an API key needs three settings, and with mTLS four:

\`\`\`sh
TEMPORAL_ADDRESS=us-east-1.aws.api.temporal.io:7233
TEMPORAL_NAMESPACE=payments.a1b2c
TEMPORAL_API_KEY=…

TEMPORAL_ADDRESS=payments.a1b2c.tmprl.cloud:7233
TEMPORAL_NAMESPACE=payments.a1b2c
TEMPORAL_TLS_CLIENT_CERT_PATH=/run/secrets/temporal.pem
TEMPORAL_TLS_CLIENT_KEY_PATH=/run/secrets/temporal.key
\`\`\`

- Each \`…_PATH\` has a \`…_DATA\` with the text itself; only one of the two is taken. A certificate and its key need each other.
- Files are read when a process starts. After a certificate was renewed, restart the worker.
- Without a CA of your own the public CAs are trusted that this version of Node knows, and no other.
- \`TEMPORAL_TLS=false\` beside an API key is refused, except to this machine: the key would be readable on the way.
- An address of IPv6 stands in brackets; over TLS it needs \`TEMPORAL_TLS_SERVER_NAME\` with a name that is in the certificate.
- Variables that only Temporal's own tools read (its profile, configuration file, gRPC metadata, codec) are refused by name, since
  they would have no effect; so are older names, with the name of today.
- Proxies of the environment are not used on the way to Temporal.
- \`placet doctor\` says what is wrong: nothing listens, nothing answers, TLS on one side only, an expired certificate, another name,
  an unknown CA, a client certificate that is missing or not taken, a wrong API key, no such namespace.

In Kubernetes a Service called \`placet\` or \`temporal\` sets variables of that name in each container. They are passed over, but
one of them may fall on a setting (\`PLACET_PORT\`): set \`enableServiceLinks: false\` for the pod.
`;

const DATABASE = `
## PostgreSQL

**What it must be**: version 15 or later, a database whose encoding is UTF8, and the primary. \`placet migrate\`, every start and
\`placet doctor\` refuse anything else in one sentence that says what to do.

**TLS** is what the URL says, in the words of PostgreSQL itself; the \`PGSSL…\` variables speak for a URL that does not.

| \`sslmode\` | TLS | the server is |
|---|---|---|
| \`disable\`, or none | no; none with \`sslrootcert\` or \`sslcert\` as \`verify-full\` | anybody |
| \`allow\`, \`prefer\` | refused at the start | they leave it to whoever stands in between |
| \`require\` | yes | anybody; with \`sslrootcert\` as \`verify-ca\` |
| \`verify-ca\` | yes | whoever has a certificate of the CA |
| \`verify-full\` | yes | that, and named in it as in the URL: use this one |

\`sslrootcert\` names the CA's file (PEM). Without it, or with \`system\`, the public CAs of Node are asked, and those of
\`NODE_EXTRA_CA_CERTS\`. \`sslcert\` and \`sslkey\` (and \`sslpassword\`) show a certificate of ours where \`pg_hba.conf\` asks for one;
\`sslnegotiation=direct\` saves a round trip with PostgreSQL 17. The library below reads \`require\` and \`verify-ca\` as \`verify-full\`
until its next version; Placet does not leave it to the library.

**Poolers.** One that lends its connections by session is like PostgreSQL itself. Behind one that lends them by transaction
(PgBouncer with \`pool_mode = transaction\`, with or without \`max_prepared_statements\`; no \`ignore_startup_parameters\` is needed)
everything works, but nothing is told: set \`DATABASE_LISTEN_URL\` to PostgreSQL itself, or decisions reach agents that wait up
to two seconds later, which the start says. \`DATABASE_OWNER_URL\` must lead to PostgreSQL itself or to a pooler of sessions.
A pooler of statements is refused.
`;

/** Makes the text of docs/configuration.md. */
export function describeSettings(): string {
  const rows = Object.values(settings).map(({ variable, type, fallback, description, is_secret }) => {
    const value = fallback === '' ? 'none' : fallback.includes('`') ? fallback : `\`${fallback}\``;
    return `| \`${variable}\` | ${type}${is_secret ? ', secret' : ''} | ${value} | ${description} |`;
  });
  return `${INTRODUCTION}${rows.join('\n')}\n${COMBINATIONS}${HOSTS}${TEMPORAL}${DATABASE}`;
}

// What helps against each reason for which PostgreSQL cannot be used, by what Node, pg and PostgreSQL answer.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

export type DatabaseSetting = 'DATABASE_URL' | 'DATABASE_OWNER_URL' | 'DATABASE_LISTEN_URL';

type Remedy = string | ((variable: DatabaseSetting) => string);

const UNREACHABLE: Remedy = (variable) => `start PostgreSQL, or correct the host and port in ${variable}`;
const LOGIN: Remedy = (variable) => `correct the login and the password in ${variable}`;
const CA: Remedy = (variable) =>
  `name the CA that signed the server's certificate in sslrootcert of ${variable}, or in PGSSLROOTCERT`;
const NO_SCHEMA: Remedy = (variable) =>
  `this database has no schema of Placet: run placet migrate with DATABASE_OWNER_URL, or correct ${variable}`;
const OWN_CERTIFICATE: Remedy = (variable) =>
  `name a certificate and key that the server trusts in sslcert and sslkey of ${variable}`;

const BY_CODE: Readonly<Record<string, Remedy>> = {
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  '08P01': (variable) =>
    `let the pooler in ${variable} pool transactions or sessions and know this database and login, or name PostgreSQL itself`,
  '28P01': LOGIN,
  '28000': LOGIN,
  '3D000': (variable) => `create this database, or correct its name in ${variable}`,
  '3F000': NO_SCHEMA,
  '42P01': NO_SCHEMA,
  '42501': (variable) =>
    variable === 'DATABASE_OWNER_URL'
      ? 'let DATABASE_OWNER_URL be a login that may create roles and schemas'
      : 'run placet migrate with DATABASE_OWNER_URL: it gives the login of DATABASE_URL its role',
  '53100': 'free space on the disk that PostgreSQL writes to',
  '53300': 'end some of the connections to PostgreSQL, or let it have more (max_connections)',
  '57P03': 'wait until PostgreSQL has started or recovered, and look at its log if it does not',
  SELF_SIGNED_CERT_IN_CHAIN: CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CA,
  UNABLE_TO_GET_ISSUER_CERT: CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CA,
  CERT_SIGNATURE_FAILURE: CA,
  CERT_UNTRUSTED: CA,
  CERT_HAS_EXPIRED: "renew the server's certificate, or its CA's; look at the clock of this machine too",
  CERT_NOT_YET_VALID: 'look at the clock of this machine and of the one that signed the certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: (variable) =>
    `let ${variable} name the server as its certificate does, or say sslmode=verify-ca where the CA is yours alone`,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: OWN_CERTIFICATE,
};

/** Where no code tells, or one code tells two things. */
const BY_WORDS: readonly (readonly [RegExp, Remedy])[] = [
  [
    /does not support SSL connections/,
    (variable) => `let PostgreSQL have TLS (ssl = on), or say sslmode=disable in ${variable}`,
  ],
  [
    /valid client certificate|certificate authentication failed|alert (unknown ca|certificate required|bad certificate)/i,
    OWN_CERTIFICATE,
  ],
  [
    /no encryption|SSL off/,
    (variable) => `say sslmode=verify-full in ${variable}: this PostgreSQL lets in who comes with TLS`,
  ],
  [
    /SSL encryption|SSL on/,
    (variable) => `say sslmode=disable in ${variable}, or let pg_hba.conf have a line for this login with TLS`,
  ],
  [
    /establishing an SSL connection|wrong version number|alert protocol version|unsupported protocol|handshake failure/i,
    (variable) =>
      `what ${variable} leads to speaks no TLS that we know: look at its address and its ssl_min_protocol_version`,
  ],
  [
    /bad decrypt|decoder routines|bad password read|interrupted or cancelled/i,
    (variable) => `give the password of the private key as sslpassword in ${variable}, or a key without one`,
  ],
  [
    /timeout expired/,
    (variable) => `nothing answers there: look at the host and port in ${variable}, and at the firewalls in between`,
  ],
];

/** The advice for whoever reads the reason beside it. */
export function databaseRemedy(error: unknown, variable: DatabaseSetting): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { readonly code?: unknown } | null)?.code;
  const byWords = BY_WORDS.find(([words]) => words.test(message))?.[1];
  const remedy = byWords ?? (typeof code === 'string' ? BY_CODE[code] : undefined);
  if (remedy === undefined) return `start PostgreSQL, run placet migrate, or correct ${variable}`;
  return typeof remedy === 'string' ? remedy : remedy(variable);
}

// Certificates of the test's own, made by openssl in a temporary folder: a CA, another CA, and what they sign.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as text and as files. */
export type Certificate = {
  readonly cert: string;
  readonly key: string;
  readonly cert_path: string;
  readonly key_path: string;
};

export type Certificates = {
  readonly ca: Certificate;
  readonly otherCa: Certificate;
  /** For 127.0.0.1, ::1 and localhost. */
  readonly server: Certificate;
  /** For temporal.test only. */
  readonly named: Certificate;
  readonly expired: Certificate;
  readonly client: Certificate;
  readonly expiredClient: Certificate;
  /** A client that no CA of the server has signed. */
  readonly stranger: Certificate;
  /** The client's key behind a passphrase. */
  readonly lockedKey: string;
  readonly folder: string;
  readonly remove: () => void;
};

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const LOCAL = 'DNS:localhost,IP:127.0.0.1,IP:::1';

/** Makes all of them, once per test file. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'placet-certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const taken = (name: string): Certificate => ({
    cert: readFileSync(file(`${name}.pem`), 'utf8'),
    key: readFileSync(file(`${name}.key`), 'utf8'),
    cert_path: file(`${name}.pem`),
    key_path: file(`${name}.key`),
  });
  const authority = (name: string) => {
    const out = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    openssl(['req', '-x509', ...NEW_KEY, ...out, '-subj', `/CN=${name}`, '-days', '30']);
    return taken(name);
  };
  const signed = (name: string, { by = 'ca', names = LOCAL, days = 30 } = {}) => {
    openssl(['req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]);
    writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
    const ca = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
    const about = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, '-days', String(days)];
    openssl(['x509', '-req', ...ca, ...about]);
    return taken(name);
  };
  const [ca, otherCa] = [authority('ca'), authority('other-ca')];
  const client = signed('client', { names: 'DNS:placet.test' });
  openssl(['pkcs8', '-topk8', '-in', 'client.key', '-out', 'locked.key', '-passout', 'pass:of-tests']);
  return {
    ca,
    otherCa,
    server: signed('server'),
    named: signed('named', { names: 'DNS:temporal.test' }),
    expired: signed('expired', { days: -1 }),
    client,
    expiredClient: signed('expired-client', { days: -1 }),
    stranger: signed('stranger', { by: 'other-ca' }),
    lockedKey: file('locked.key'),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// Which variables of an environment are nobody's: a misspelt setting, and one that only Temporal's own tools read.

import { settings } from './settings.ts';

/** Variables that belong to the tests and are no settings. */
const TEST_PREFIX = 'PLACET_TEST_';
/** Variables that README and examples give to agents: in the same shell they are no fault of ours. */
const OF_AGENTS: ReadonlySet<string> = new Set(['PLACET_URL', 'PLACET_AGENT_KEY']);
const OURS = /^(?:PLACET|TEMPORAL)_/;

/** Older names, of Temporal's command line and samples, by what they are called in every tool today. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  TEMPORAL_CLI_ADDRESS: 'TEMPORAL_ADDRESS',
  TEMPORAL_CLI_NAMESPACE: 'TEMPORAL_NAMESPACE',
  TEMPORAL_HOST: 'TEMPORAL_ADDRESS',
  TEMPORAL_HOST_PORT: 'TEMPORAL_ADDRESS',
  TEMPORAL_HOST_URL: 'TEMPORAL_ADDRESS',
  TEMPORAL_TLS_CA: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  TEMPORAL_TLS_CA_PATH: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  TEMPORAL_TLS_CA_DATA: 'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  TEMPORAL_TLS_CERT: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  TEMPORAL_TLS_CERT_PATH: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  TEMPORAL_TLS_CERT_DATA: 'TEMPORAL_TLS_CLIENT_CERT_DATA',
  TEMPORAL_TLS_KEY: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  TEMPORAL_TLS_KEY_PATH: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  TEMPORAL_TLS_KEY_DATA: 'TEMPORAL_TLS_CLIENT_KEY_DATA',
  TEMPORAL_TLS_ENABLED: 'TEMPORAL_TLS',
};

/** What Temporal's tools, SDKs and servers define and Placet does not use. */
const OF_TEMPORAL =
  /^TEMPORAL_(?:CONFIG_FILE|PROFILE|ENV|ENV_FILE|CODEC_[A-Z_]+|GRPC_META_\w+|CLIENT_[A-Z_]+|CLI_\w+|UI_\w+|CLOUD_\w+|DEBUG|DEBUGGER_\w+|SERVER_\w+|AUTH_\w+|CORS_\w+)$/;

/** What Kubernetes sets in each container for a Service called `placet` or `temporal…`: nobody wrote it. */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(?:_[A-Z0-9_]+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;
const SERVICE_LINK_PORT = /_PORT$/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/** One sentence for each variable that looks like a setting and is none. */
export function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));
  return (
    Object.entries(environment)
      .filter(([name]) => OURS.test(name) && !name.startsWith(TEST_PREFIX) && !OF_AGENTS.has(name))
      // An empty variable counts as not set, whatever its name.
      .filter(([name, value = '']) => value.trim() !== '' && !known.has(name) && !isServiceLink(name, value))
      .map(([name]) => whatIsIt(name))
  );
}

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || (SERVICE_LINK_PORT.test(name) && SERVICE_LINK_VALUE.test(value));
}

function whatIsIt(name: string): string {
  const today = OLDER_NAMES[name];
  if (today !== undefined) return `${name} is called ${today} here, as in Temporal's own tools today`;
  if (OF_TEMPORAL.test(name)) return `${name} is for Temporal's own tools and has no effect here: unset it for Placet`;
  return `${name} is not a setting; docs/configuration.md lists them all`;
}

// Finds secrets by their shape in any text; used on everything that is logged.

const HIDDEN = '[hidden]';

/** Shapes of secrets: what each is, so that a reader can judge a new one. */
const SHAPES: readonly RegExp[] = [
  // A JWT (credentials, OIDC tokens), also one that was cut short after its payload began.
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
  // An agent key or an admin token of Placet.
  /\bpl[kt]_[A-Za-z0-9]{8,}/g,
  // Slack: bot, user, app-level, configuration, refresh and legacy tokens.
  /\bx(?:ox[a-z]|app)[-.][A-Za-z0-9.-]{6,}/g,
  // Slack: a response URL or incoming webhook is a secret by itself.
  /\bhttps:\/\/hooks\.slack\.com\/[^\s"'<>]+/g,
  // A private key in PEM, whole or cut.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // A private key as JWK.
  /"(?:d|k|p|q|dp|dq|qi)"\s*:\s*"[A-Za-z0-9_-]{16,}"/g,
  // An Authorization header that was put into a message.
  /\b(?:Bearer|DPoP|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  // Credentials of clouds and code hosts that agents' errors tend to repeat.
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|AKIA[A-Z0-9]{16}|hvs\.[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9_-]{20,})/g,
];

/** Whatever stands before the @ of a URL: a password, or a token alone. */
const URL_LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/"'<>]+@/gi;
/** Values of query parameters and settings that are secret by their name. */
const NAMED =
  /\b((?:[A-Za-z_]*(?:password|passwd|secret|ticket|token|api_?key|master_?key|signature)))(["']?\s*[=:]\s*["']?)([^\s"'&,;}]{4,})/gi;

/** Replaces every secret that can be told by its shape with `[hidden]`. */
export function hideSecrets(text: string): string {
  const withoutShapes = SHAPES.reduce((rest, shape) => rest.replace(shape, HIDDEN), text);
  return withoutShapes.replace(URL_LOGIN, `$1${HIDDEN}@`).replace(NAMED, `$1$2${HIDDEN}`);
}

// Takes secrets out of what is asked, in the caller's process, before anything leaves it. What is taken out leaves its keyed
// digest behind, so that the action still has one digest: another secret is another action.
import { createHmac, hkdfSync } from 'node:crypto';
import type { JsonValue } from './json.ts';

/** What is masked: the text that a pattern finds, or all that stands under a member whose name it matches. */
export type MaskRule =
  | { readonly name: string; readonly pattern: RegExp }
  | { readonly name: string; readonly field: RegExp };

/** What looks like a secret wherever it stands. Each pattern is linear in its text. */
export const SECRET_RULES: readonly MaskRule[] = [
  {
    name: 'secret_field',
    field:
      /^(?:pass(?:word|phrase|wd)|secret|client_?secret|(?:api|access|secret|private|signing|encryption)_?-?key|authorization|credentials?|(?:access_?|refresh_?|id_?|auth_?|bearer_?)?token|cookie|set-cookie)$/i,
  },
  {
    name: 'private_key',
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/,
  },
  { name: 'jwt', pattern: /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/ },
  { name: 'url_password', pattern: /(?<=:\/\/[^\s:@/]{0,64}:)[^\s@/]{1,256}(?=@)/ },
  { name: 'placet_key', pattern: /\bplk_[\w-]{16,}/ },
  { name: 'aws_key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { name: 'github_token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/ },
  { name: 'gitlab_token', pattern: /\bglpat-[\w-]{20,}/ },
  { name: 'google_key', pattern: /\bAIza[\w-]{35}/ },
  { name: 'slack_token', pattern: /\bx(?:ox[abeoprs]|app)-[\w-]{10,}/ },
  { name: 'stripe_key', pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/ },
  { name: 'model_key', pattern: /\bsk-[\w-]{20,}/ },
  { name: 'langsmith_key', pattern: /\blsv2_(?:pt|sk)_\w{20,}/ },
  { name: 'npm_token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
];

/** Text that reads like a mask is masked as well: what stands for a secret is made here and nowhere else. */
const FORGED: MaskRule = { name: 'mask', pattern: /\[masked [^\s\]]{1,64} [\w-]{22}\]/ };

export type Mask = {
  readonly text: (text: string) => string;
  readonly parameters: (value: { readonly [name: string]: JsonValue }) => { [name: string]: JsonValue };
};

/** The key is derived from the agent's own, so that nobody who reads the record can try values. */
export function maskKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'placet/mask/v1', 32));
}

/** Masks by these rules; the same value under the same key is the same mask, in any process. */
export function createMask(key: Uint8Array, rules: readonly MaskRule[]): Mask {
  const hide = (name: string, secret: string): string => {
    const digest = createHmac('sha256', key).update(`${name}\n${secret}`).digest('base64url');
    return `[masked ${name} ${digest.slice(0, 22)}]`;
  };
  const patterns = [FORGED, ...rules].flatMap((rule) =>
    'pattern' in rule ? [{ ...rule, pattern: stateless(rule.pattern, 'g') }] : [],
  );
  const fields = rules.flatMap((rule) => ('field' in rule ? [{ ...rule, field: stateless(rule.field, '') }] : []));
  const text = (value: string): string =>
    patterns.reduce((masked, { name, pattern }) => masked.replace(pattern, (found) => hide(name, found)), value);
  const fieldOf = (name: string) => fields.find(({ field }) => field.test(name))?.name;
  const copy = (value: JsonValue, under: string | undefined): JsonValue => {
    if (Array.isArray(value)) return value.map((item: JsonValue) => copy(item, under));
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([name, member]): [string, JsonValue] => {
        return [text(name), copy(member, under ?? fieldOf(name))];
      });
      return Object.fromEntries(members);
    }
    if (under !== undefined && value !== null) return hide(under, JSON.stringify(value));
    return typeof value === 'string' ? text(value) : value;
  };
  return { text, parameters: (value) => copy(value, undefined) as { [name: string]: JsonValue } };
}

/** The same pattern, without what a caller's own flags would keep between two texts. */
function stateless({ source, flags }: RegExp, more: '' | 'g'): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, '') + more);
}

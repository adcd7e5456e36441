// Words that docs/glossary.md replaces, so that one idea keeps one name.

export type BannedWord = { readonly word: RegExp; readonly say: string };

/** Looked for in documents, statements and comments. */
export const BANNED_IN_PROSE: readonly BannedWord[] = [
  { word: /\btickets?\b/i, say: 'approval request' },
  { word: /\bvot(?:e|es|ed|ing|er|ers)\b/i, say: 'decision' },
  { word: /\breviewers?\b/i, say: 'approver' },
  { word: /\brequestors?\b/i, say: 'requester' },
  { word: /\bdeclin(?:e|es|ed|ing)\b/i, say: 'deny' },
  { word: /\brejections?\b/i, say: 'denial or refusal' },
  { word: /\bapproval thresholds?\b/i, say: 'quorum' },
  { word: /\b(?:access|credential) tokens?\b/i, say: 'credential' },
  { word: /\baccess requests?\b/i, say: 'approval request' },
  { word: /\bdossiers?\b/i, say: 'request record' },
  { word: /\berrands?\b/i, say: 'background task' },
  { word: /\butterances?\b/i, say: 'delivery' },
  { word: /\bdeaden(?:s|ed|ing)?\b/i, say: 'disable buttons' },
  { word: /\bwhitelist|blacklist\b/i, say: 'allow-list or deny-list' },
];

/** Looked for everywhere, in names too. */
export const BANNED_ANYWHERE: readonly BannedWord[] = [
  { word: /\b(?:TODO|FIXME|XXX|HACK)\b/, say: 'an issue' },
  { word: /ticket(?:s|_id|Id)\b/i, say: 'approval request' },
  { word: /\brequestor|Requestor|_requestor/, say: 'requester' },
  { word: /\breviewer|Reviewer|_reviewer/, say: 'approver' },
];

/** Words that were ours once: looked for in every part of the names in code. */
export const BANNED_IN_NAMES: ReadonlyMap<string, string> = new Map([
  ['deaden', 'disable buttons'],
  ['dossier', 'request record'],
  ['ear', 'receiver'],
  ['errand', 'background task'],
  ['hand', 'approver, or agent'],
  ['mend', 'remedy, or repair'],
  ['situation', 'pending work'],
  ['swift', 'fast path'],
  ['tend', 'reconcile, or advance'],
  ['trouble', 'click error, or fault'],
  ['utterance', 'delivery'],
]);

/** Whole names that say nothing of what they name. */
export const BANNED_NAMES: ReadonlyMap<string, string> = new Map([
  ['asked', 'input, or what it is'],
  ['given', 'input, or what it is'],
  ['said', 'result, or what it is'],
  ['told', 'input, or what it is'],
]);

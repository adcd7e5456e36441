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
  { word: /\bwhitelist|blacklist\b/i, say: 'allow-list or deny-list' },
];

/** Looked for everywhere, in names too. */
export const BANNED_ANYWHERE: readonly BannedWord[] = [
  { word: /\b(?:TODO|FIXME|XXX|HACK)\b/, say: 'an issue' },
  { word: /ticket(?:s|_id|Id)\b/i, say: 'approval request' },
  { word: /\brequestor|Requestor|_requestor/, say: 'requester' },
  { word: /\breviewer|Reviewer|_reviewer/, say: 'approver' },
];

/** Looked for in the names of code: these were ours once, or stand for a parameter that is simply the input. */
export const BANNED_IN_NAMES: Readonly<Record<string, string>> = {
  asked: 'input',
  deaden: 'disable buttons',
  dossier: 'request record',
  ear: 'receiver',
  errand: 'background task',
  hands: 'approver, or agent',
  mend: 'remedy',
  said: 'result, or text',
  situation: 'pending work',
  swift: 'fast path',
  tend: 'reconcile, or advance',
  told: 'input, or answer',
  trouble: 'click error',
  utterance: 'delivery',
};

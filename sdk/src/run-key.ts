// The name of one run, as its caller gives it: what the API takes for a key, and texts in which an id was missing. Pure.

/** As the API takes it; a space at an end would be lost on the way. */
const KEY = /^(?! )[\x20-\x7e]{1,255}(?<! )$/;

/** What stands in a text where an id was missing: every run would have this name, and only the first one would act. */
const UNFILLED: readonly RegExp[] = [
  /(?:^|[^A-Za-z0-9])(?:undefined|null|NaN|\[object [A-Za-z]+\])(?:$|[^A-Za-z0-9])/,
  // A place of a template that nobody filled: ${id}, {{ id }}, {id}, $JOB_ID, %JOB_ID%, %s.
  /\$\{|\{\{|\{[A-Za-z_][\w.]*\}|\$[A-Z_]{2}|%[A-Z_][A-Z0-9_]{2,}%|%[sd](?![A-Za-z0-9])/,
  // A function that was not called.
  /=>|\bfunction\b.*\(|\[(?:Async|Generator)?Function\b/,
];

/** True when no id is missing in a text that should have one. */
export function isFilled(text: string): boolean {
  return !UNFILLED.some((form) => form.test(text));
}

/** True for a key that names one run. */
export function isRunKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key) && isFilled(key);
}

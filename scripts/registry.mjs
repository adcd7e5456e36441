// Tells from npm's own lines whether it reaches its registry. Plain Node, no dependencies.

/** After pauses of 1, 2 and 4 seconds; npm's own patience with each of some hundred packages adds up to half an hour. */
const RETRIES = 3;
/** What npm has in its cache says nothing of the registry. */
const ANSWERED = /^npm http fetch [A-Z]+ \d{3} (?!.*\(cache (hit|stale)\))/;
/** A number instead of a system's code would be an answer, if a bad one. */
const FAILED = /^npm http fetch .* attempt (\d+) failed with ([A-Z]\w+)/;

/** What makes npm say how each of its requests went, and give one up in time. */
export const TALKATIVE = [
  '--loglevel=http',
  `--fetch-retries=${RETRIES}`,
  '--fetch-retry-factor=2',
  '--fetch-retry-mintimeout=1000',
];

/** Follows npm's output; `signal` aborts once a request was given up and no other had an answer meanwhile. */
export function watchRegistry() {
  const silence = new AbortController();
  let failures = 0;
  let code;
  let rest = '';
  const hearLine = (line) => {
    // While npm ends it may say more; the verdict stands.
    if (silence.signal.aborted) return;
    if (ANSWERED.test(line)) failures = 0;
    const failed = FAILED.exec(line);
    if (!failed) return;
    failures += 1;
    code = failed[2];
    if (Number(failed[1]) > RETRIES && failures > RETRIES) silence.abort();
  };
  const hear = (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    lines.forEach(hearLine);
  };
  const fault = () =>
    failures === 0
      ? undefined
      : `npm cannot reach its registry (${code}). Connect this machine to the network, or set npm's proxy or registry ` +
        'in .npmrc; then start again.';
  return { signal: silence.signal, hear, fault, isSilent: () => failures > 0 };
}

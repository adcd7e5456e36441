// How often a test tries what is drawn at random: a share of it in `npm test`, the whole of it in `npm run long`.

/** True in the long run, which also does slowly what `npm test` has a short way for. */
export const isLong = process.env['PLACET_TEST_LONG'] === '1';

const SHARE = 10;

/** The inputs differ from run to run, so that a share of them each time misses little for long. */
export const drawn = (whole: number, few = whole / SHARE): { readonly numRuns: number } => ({
  numRuns: isLong ? whole : few,
});

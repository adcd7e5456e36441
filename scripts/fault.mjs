// Says to a person why a step failed, as dev/fault.ts, which is not built yet. Plain Node, no dependencies.

const DISK_CODES = new Set(['EACCES', 'EDQUOT', 'EEXIST', 'EIO', 'ENOENT', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);
/** Other programs put the code, or what it means, into their own words. */
const DISK_WORDS = /\b(EACCES|EDQUOT|ENOSPC|EROFS)\b|No space left on device|Read-only file system|Permission denied/;

function factsOf({ message, details: { dependency, reason, remedy } = {}, output }) {
  const text = reason === undefined ? message : `${dependency}: ${reason}\n  remedy: ${remedy}`;
  return [text, output].filter(Boolean).join('\n');
}

/** True when no step can be done before there is space, or the right, to write. */
export const isOfDisk = (error) =>
  error.name !== 'AdvisedError' && (DISK_CODES.has(error.code) || DISK_WORDS.test(factsOf(error)));

/** One message: a fault of the disk names the folder that we must be able to write in. */
export function describeFault(error, folder) {
  if (!isOfDisk(error)) return factsOf(error);
  const advice = 'look at its owner, its mode and the space left on its disk.';
  return `${factsOf(error)}\nPlacet must be able to write below ${folder}: ${advice}`;
}

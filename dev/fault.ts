// Says why a start failed, to the person who started it: what happened, and what to do about it.

import { errorText } from '../src/cli/error-text.ts';
import { PlacetError } from '../src/domain/errors.ts';

/** Faults of the disk and of its rights: https://nodejs.org/api/errors.html#common-system-errors */
const DISK_CODES = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EFBIG',
  'EIO',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);
/** PostgreSQL and SQLite tell of the same in words. */
const DISK_WORDS =
  /no space left on device|free disk space|disk is full|file too large|read-only file system|permission denied/i;

const ADVICE = 'Placet must be able to write below %: look at its owner, its mode and the space left on its disk.';

/** Its message says what helps, so that nothing is added to it. */
export class AdvisedError extends Error {
  override readonly name = 'AdvisedError';
}

/** True when there was no space, or no right, to write or read. */
export function isOfDisk(error: Error & { readonly code?: unknown }): boolean {
  if (error instanceof AdvisedError) return false;
  return DISK_CODES.has(String(error.code)) || DISK_WORDS.test(error.message);
}

/** One message; a fault of the disk also names the folder below which we must be able to write. */
export function describeFault(error: unknown, folder: string): string {
  if (error instanceof PlacetError) return errorText(error);
  if (!(error instanceof Error)) return String(error);
  return isOfDisk(error) ? `${error.message}\n${ADVICE.replace('%', folder)}` : error.message;
}

/** The same as an error, for a command that tells its errors itself. */
export function explained(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || error instanceof PlacetError || !isOfDisk(error)) return error;
  const { code = 'not_writable' } = error as { code?: unknown };
  return Object.assign(new Error(describeFault(error, folder), { cause: error }), { code });
}

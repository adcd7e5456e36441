// Says why a start failed, to the person who started it: what happened, and what to do about it.

import { errorText } from '../cli/error-text.ts';
import { PlacetError } from '../domain/errors.ts';

/** Faults of the disk and of its rights: https://nodejs.org/api/errors.html#common-system-errors */
const DISK_CODES = new Set(['EACCES', 'EDQUOT', 'EEXIST', 'EIO', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);

const ADVICE = 'Placet must be able to write below %: look at its owner, its mode and the room left on its disk.';

/** One message; a fault of the disk also names the folder below which we must be able to write. */
export function describeFault(error: unknown, folder: string): string {
  if (error instanceof PlacetError) return errorText(error);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const isOfDisk = typeof code === 'string' && DISK_CODES.has(code);
  return isOfDisk ? `${error.message}\n${ADVICE.replace('%', folder)}` : error.message;
}

// Requests that never become one: broken syntax, headers too large, too slow. Answered on the bare socket as problems.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type ErrorCode, PlacetError } from '../domain/errors.ts';
import type { ApiLog } from './deps.ts';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts';

/** Answers a socket whose bytes Node could not take as HTTP, and closes it. */
export function createClientErrorHandler(log: ApiLog) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const code = codeOf(error.code);
    log.info('refused', { operation: 'unmatched', code, status: ERRORS[code].status });
    if (socket.writable) socket.write(rawAnswer(code));
    socket.destroySoon();
  };
}

function codeOf(code: string | undefined): ErrorCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'http_malformed';
}

function rawAnswer(code: ErrorCode): string {
  const { status } = ERRORS[code];
  const body = JSON.stringify(problemOf(new PlacetError(code)));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

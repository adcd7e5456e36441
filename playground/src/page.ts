// Serves the built web page. It knows only files; paths of the page's own routes get its index.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { sendText } from './core/http.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const HINT = 'The Slack playground runs, but its page is not built yet. Build it with: npm run build\n';

/** Answers with a file of `folder`; a path without an ending is a route of the page. */
export async function servePage(folder: string, path: string, response: ServerResponse): Promise<void> {
  const wanted = extname(path) === '' ? '/index.html' : path;
  const file = normalize(join(folder, wanted));
  const content = file.startsWith(folder + sep) ? await readFile(file).catch(() => null) : null;
  if (content) {
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    response.end(content);
    return;
  }
  if (wanted === '/index.html') sendText(response, 200, HINT);
  else sendText(response, 404, 'not found\n');
}

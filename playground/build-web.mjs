// Bundles the page in web/ into dist/web/: index.html, main.js, main.css. Nothing is fetched from outside when it runs.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await mkdir(here('dist/web'), { recursive: true });
await build({
  entryPoints: [here('web/main.tsx')],
  outdir: here('dist/web'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
});
await copyFile(here('web/index.html'), here('dist/web/index.html'));

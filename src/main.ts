// The `placet` program of an installation: every command, on real parts. A clone's has the embedded ones too: dev/main.ts.

import { fileURLToPath } from 'node:url';
import { processEnvironment, requireConfig } from './process/config.ts';
import { runProgram } from './process/program.ts';

await runProgram({ loadConfig: () => requireConfig(processEnvironment()), program: fileURLToPath(import.meta.url) });

#!/usr/bin/env node
// The `placet` command: of an installation as it was built; of a clone, which is prepared quietly first.
import { isInstallation, prepareOrExit, runProgram } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';

endWithNpm();
if (!isInstallation()) await prepareOrExit({ quiet: true });
await runProgram(process.argv.slice(2));

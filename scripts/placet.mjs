#!/usr/bin/env node
// The `placet` command of a clone: prepares quietly, then runs the built program.
import { prepareOrExit, runProgram } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';

endWithNpm();
await prepareOrExit({ quiet: true });
await runProgram(process.argv.slice(2));

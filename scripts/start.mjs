// `npm start`: makes the clone runnable, then starts everything for development.
import { prepareOrExit, runProgram } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';

endWithNpm();
await prepareOrExit();
await runProgram(['dev', ...process.argv.slice(2)]);

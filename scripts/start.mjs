// `npm start`: makes the clone runnable, then starts everything for development.
import { prepareOrExit, runProgram } from './prepare.mjs';

await prepareOrExit();
await runProgram(['dev', ...process.argv.slice(2)]);

// `npm run build`: installs and builds what is missing or stale.
import { prepareOrExit } from './prepare.mjs';
import { endWithNpm } from './starter.mjs';

endWithNpm();
await prepareOrExit();

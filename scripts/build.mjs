// `npm run build`: installs and builds what is missing or stale.
import { prepareOrExit } from './prepare.mjs';

await prepareOrExit();

// Ends a Node that is too old with one message. Loaded before anything else, so that even Node 6 can read what it runs.

const { engines } = require('../package.json');

const wanted = engines.node.replace('>=', '').split('.').map(Number);
const present = process.versions.node.split('.').map(Number);
const isNewEnough = present[0] > wanted[0] || (present[0] === wanted[0] && present[1] >= wanted[1]);

if (!isNewEnough) {
  console.error(`Placet needs Node ${wanted.join('.')} or later; this is ${process.versions.node}.`);
  console.error('Node 22 or 24 is advised: https://nodejs.org/en/download (or: nvm install 24).');
  process.exit(1);
}

// Stands in for one of Placet's processes where only its start, its readiness and its end matter.
import { createServer } from 'node:http';

const port = Number(process.env.PLACET_METRICS_PORT ?? process.env.PLACET_PORT);
createServer((_request, response) => response.end('ready')).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));

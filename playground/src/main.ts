// The playground as a process of its own: options as one JSON argument, one JSON line when it listens, serves until SIGTERM.
import { type PlaygroundOptions, startPlayground } from './start.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as PlaygroundOptions;
const { close, ...playground } = await startPlayground(options);
process.stdout.write(`${JSON.stringify({ event: 'listening', ...playground })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void close().then(() => process.exit(0));
  });
}

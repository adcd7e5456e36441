// What other workspaces use of the playground. Development and tests only.
export { createPlaygroundClient, type PlaygroundClient } from './client.ts';
export { type Clock, createClock } from './core/clock.ts';
export type * from './protocol.ts';
export { CONTROL_ROUTES } from './protocol.ts';
export { type Playground, type PlaygroundOptions, startPlayground } from './start.ts';

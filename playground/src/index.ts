// What other workspaces use of the playground. Development and tests only.

export type { CardPlace, Screen } from './approver.ts';
export * as approver from './approver.ts';
export { createPlaygroundClient, type PlaygroundClient, type Send } from './client.ts';
export { type Clock, createClock } from './core/clock.ts';
export { COLLEAGUE, DANA, DBA, FINANCE_LEAD, OUTSIDER, PAYMENTS, SUPPORT, TREASURER } from './core/seed.ts';
export type * from './protocol.ts';
export { CONTROL_ROUTES } from './protocol.ts';
export { type Playground, type PlaygroundOptions, startPlayground } from './start.ts';
export { words } from './words.ts';

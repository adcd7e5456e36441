// Where the api is killed: around the commits of everything that agents and tools ask of it, and while they wait.
import { until } from '../support/wait.ts';
import { longPolls } from './check-leaks.ts';
import { PATIENCE_MS } from './patience.ts';
import { after, atCommit, before, type Point } from './points.ts';

const role = 'api';
const WAITING = 'api: long poll waiting';

export const API_POINTS: readonly Point[] = [
  atCommit('api: request written, not committed', {
    ...{ role, plan: 'ran', from: 'ask' },
    moment: ({ resource }) => ({ markers: [resource], at: 'before commit' }),
  }),
  atCommit('api: request committed, not answered', {
    ...{ role, plan: 'ran', from: 'ask' },
    moment: ({ resource }) => ({ markers: [resource], at: 'after commit' }),
  }),
  {
    name: WAITING,
    role,
    stands: 'last',
    stand: async ({ world, stories }) => {
      const story = stories.begin('denied');
      await until(async () => story.id !== null && (await longPolls(world)) > 0, {
        what: WAITING,
        limit_ms: PATIENCE_MS,
      });
      return { isStanding: () => story.heard === null, release: () => undefined };
    },
  },
  atCommit('api: decision read, not told', { role, plan: 'ran', from: 'decide', moment: before('approved') }),
  atCommit('api: credential written, not committed', {
    ...{ role, plan: 'ran', from: 'claim', moment: before('credential.issued') },
  }),
  atCommit('api: credential committed, not answered', {
    ...{ role, plan: 'ran', from: 'claim', moment: after('credential.issued') },
  }),
  atCommit('api: use written, not committed', { role, plan: 'ran', from: 'use', moment: before('lease.used') }),
  atCommit('api: use committed, not answered', { role, plan: 'ran', from: 'use', moment: after('lease.used') }),
  atCommit('api: result committed, not answered', {
    ...{ role, plan: 'ran', from: 'report', moment: after('result.reported') },
  }),
  atCommit('api: cancel committed, not answered', {
    ...{ role, plan: 'cancelled', from: 'cancel', moment: after('approval_request.cancelled') },
  }),
];

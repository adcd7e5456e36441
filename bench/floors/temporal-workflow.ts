// The least workflow that waits for a person: it waits for one signal, does one local activity and ends. Deterministic.

import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';

const decided = defineSignal('decided');
const { note } = proxyLocalActivities<{ note: () => Promise<void> }>({ startToCloseTimeout: '5 s' });

/** One run per piece of work of the floor. */
export async function bare(): Promise<void> {
  let isDecided = false;
  setHandler(decided, () => {
    isDecided = true;
  });
  await condition(() => isDecided);
  await note();
}

// The activities by name, with their dependencies filled in. Every failure leaves as a code, never with content (INV-8).

import type { ApprovalInput } from '../src/domain/protocol.ts';
import { toFailure } from './failure.ts';
import { type Look, type LookDeps, look } from './look.ts';
import { type SpeakDeps, speak } from './speak.ts';

export type Activities = {
  /** Does what time demands of the record and says what is left to do. */
  readonly look: (input: ApprovalInput) => Promise<Look>;
  /** Brings Slack up to the record: cards, reminder, outcome. */
  readonly speak: (input: ApprovalInput) => Promise<void>;
};

/** Binds the activities to their dependencies. */
export function createActivities(deps: LookDeps & SpeakDeps): Activities {
  return {
    look: (input) => look(deps, input).catch(toFailure),
    speak: (input) => speak(deps, input).catch(toFailure),
  };
}

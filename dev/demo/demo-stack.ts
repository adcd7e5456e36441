// What `placet demo` needs of the stack that is started for it. Types only.

import type { PlaygroundClient } from '@placet/playground';

/** What the demo needs of the stack that was started for it: the demo policy applied, one agent owned by Support. */
export type DemoStack = {
  /** Also the issuer of its credentials. */
  readonly api_url: string;
  readonly agent_key: string;
  readonly slack: PlaygroundClient;
  /** The playground's page, for whoever clicks by hand. */
  readonly page_url: string;
  /** A database for what an agent's framework keeps. */
  readonly threads_url: string;
  /** Rows in the two views that must stay empty (INV-10). */
  readonly countViolations: () => Promise<{
    readonly executed_without_approval: number;
    readonly executed_twice: number;
  }>;
  readonly close: () => Promise<void>;
};

// What `placet demo` needs of the stack that is started for it, and what it reads of its playground. Types only.

export type DemoMessage = {
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly object[];
  readonly thread_ts?: string;
};

export type DemoState = {
  readonly channels: readonly {
    readonly id: string;
    readonly members: readonly string[];
    readonly messages: readonly DemoMessage[];
  }[];
  readonly views: Readonly<Record<string, readonly { readonly id: string; readonly blocks: readonly object[] }[]>>;
};

type Act = { readonly ok: boolean; readonly error?: string };

/** What the demo uses of the playground's control API. */
export type DemoPlayground = {
  state(): Promise<DemoState>;
  click(click: { as: string; channel: string; ts: string; action_id: string; block_id: string }): Promise<Act>;
  submit(filled: { as: string; view_id: string; values: Record<string, string> }): Promise<Act>;
  ephemerals(as: string): Promise<readonly DemoMessage[]>;
  setChannel(id: string, change: { members: string[] }): Promise<unknown>;
  waitFor<T>(
    predicate: (state: DemoState) => T | null | undefined | false | Promise<T | null | undefined | false>,
    timeout_ms: number,
  ): Promise<T>;
};

/** What the demo needs of the stack that was started for it: the demo policy applied, one agent owned by Support. */
export type DemoStack = {
  /** Also the issuer of its credentials. */
  readonly api_url: string;
  readonly agent_key: string;
  readonly playground: DemoPlayground;
  /** Rows in the two views that must stay empty (INV-10). */
  readonly countViolations: () => Promise<{
    readonly executed_without_approval: number;
    readonly executed_twice: number;
  }>;
  readonly close: () => Promise<void>;
};

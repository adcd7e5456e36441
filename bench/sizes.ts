// Every seed and size of the bench in one place: two runs of it do the same work. Holds no code that measures.

/** The workload (amounts, orders) is drawn from this. */
export const SEED = 20_260_117;

/** HTTP connections, and transactions of a floor, at the same time. */
export const CONNECTIONS = 16;

/** A run that is thrown away first, as a share of a measured one: pools fill, code is compiled. */
export const WARM_UP_SHARE = 0.3;

export type Sizes = {
  /** Runs of each figure, taken in turns with the runs of its floor; the median is told, lowest and highest beside it. */
  readonly runs: number;
  readonly creates: number;
  readonly cycles: number;
  readonly clicks: number;
  /** Lone creates whose card is waited for. */
  readonly cards: number;
  readonly verifies: number;
  readonly longPolls: number;
  /** Decisions taken while the long polls wait. */
  readonly wakes: number;
  /** Tool calls through each adapter, each beside one of the client. */
  readonly adapterCalls: number;
  readonly pending: readonly number[];
  readonly createsAtPending: number;
  /** Requests through api, worker and slack before their memory is read. */
  readonly memoryRequests: number;
  /** Then so many more are approved and never claimed. */
  readonly memoryOpen: number;
};

/** What docs/performance.md tells. */
export const FULL: Sizes = {
  runs: 5,
  creates: 4_000,
  cycles: 600,
  clicks: 300,
  cards: 60,
  verifies: 4_000,
  longPolls: 1_000,
  wakes: 50,
  adapterCalls: 40,
  pending: [0, 10_000, 100_000],
  createsAtPending: 3_000,
  memoryRequests: 10_000,
  memoryOpen: 5_000,
};

/** For trying the bench itself: every case runs, no figure is worth telling. */
export const SHORT: Sizes = {
  runs: 3,
  creates: 1_000,
  cycles: 150,
  clicks: 60,
  cards: 10,
  verifies: 1_000,
  longPolls: 200,
  wakes: 10,
  adapterCalls: 20,
  pending: [0, 1_000, 5_000],
  createsAtPending: 1_000,
  memoryRequests: 300,
  memoryOpen: 100,
};

/** Approvals a second of the click case. */
export const CLICKS_PER_SECOND = 20;
/** Cards that stand before its clicks begin, so that a click never waits for its card. */
export const CARDS_AHEAD = 60;
/** The policy of a small company; the two rules that the bench uses stand among the others. */
export const OTHER_RULES = 20;

// The anchor that is a Slack channel: cheap, elsewhere, and people see it. Slack has no way to post only what nobody posted
// before: whoever posts looks again, and of two that follow one size the earlier counts.

import type { Anchor, Anchored } from '../anchor.ts';

type Posted = Anchored & { readonly ts: string };

/** The channel, as Slack's client shows it. */
export type CheckpointChannel = {
  /** What the app itself posted of this log, newest first. */
  readonly list: (origin: string) => Promise<readonly Posted[]>;
  /** Answers the new message's `ts`. */
  readonly post: (anchored: Anchored) => Promise<string | null>;
  readonly confirm: (posted: Posted, at: Date) => Promise<void>;
};

/** The anchor in this channel, which is opened once somebody asks. */
export function openSlackAnchor(channel_id: string, open: () => Promise<CheckpointChannel>): Anchor {
  let opened: Promise<CheckpointChannel> | undefined;
  const channel = () => {
    opened ??= open();
    return opened;
  };
  const lastOf = async (origin: string) => furthest(await (await channel()).list(origin));
  return {
    name: `slack ${channel_id}`,
    read: async (origin) => {
      // All that follow the same size: two that contradict each other are a fork, whichever of them was first.
      const posted = inOrder(await (await channel()).list(origin));
      return [...new Set(posted.filter(({ after }) => after === posted[0]?.after).map(({ note }) => note))];
    },
    write: (anchored) => channel().then((there) => write(there, anchored)),
    confirm: async (origin) => {
      const last = await lastOf(origin);
      if (last !== null) await (await channel()).confirm(last, new Date());
    },
  };
}

async function write(channel: CheckpointChannel, anchored: Anchored): Promise<boolean> {
  const { origin, after } = anchored;
  const before = furthest(await channel.list(origin));
  if (before !== null && before.after >= after) return false;
  const ts = await channel.post(anchored);
  return ts !== null && furthest(await channel.list(origin))?.ts === ts;
}

/** The last checkpoint: the one that follows the largest size, the earliest of those that follow it. */
function furthest(posted: readonly Posted[]): Posted | null {
  return inOrder(posted)[0] ?? null;
}

function inOrder(posted: readonly Posted[]): Posted[] {
  return [...posted].sort((one, other) => other.after - one.after || Number(one.ts) - Number(other.ts));
}

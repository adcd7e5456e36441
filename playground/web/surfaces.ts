// Makes the surface of a message or view: what is typed in it, what waits, and how its acts reach the playground.
import { useState } from 'preact/hooks';
import type { ActResult, FormValue, Message, View } from '../src/protocol.ts';
import { click, clickInView, dismiss } from './api.ts';
import { type Drafts, keptDrafts, type Surface } from './blocks/surface.ts';
import { textAt } from './json.ts';
import { useAct } from './toasts.tsx';
import { useViewer } from './viewer.ts';
import { mainButton } from './waiting.ts';

type Send = (blockId: string, actionId: string, value?: FormValue) => Promise<ActResult>;

/** The surface of a message. */
export function useMessageSurface(message: Message): Surface {
  const { as, state, notePressed } = useViewer();
  const [typed, setDrafts] = useState<Drafts>({});
  const drafts = keptDrafts(typed, message.blocks);
  const old = state.notices.filter((notice) => notice.ts === message.ts && notice.channel === message.channel);
  return useActing(`m${message.ts}`, drafts, setDrafts, {}, async (block_id, action_id, value) => {
    const values = Object.keys(drafts).length === 0 ? {} : { values: drafts };
    const chosen = value === undefined ? {} : { value };
    const where = { as, channel: message.channel, ts: message.ts };
    const result = await click({ ...where, block_id, action_id, ...chosen, ...values });
    if (result.ok) await Promise.all(old.map((notice) => dismiss(as, notice.id)));
    if (result.ok && action_id === textAt(mainButton(message), 'action_id')) notePressed(message.ts);
    return result;
  });
}

/** The surface of a modal or Home. Its drafts live with the caller, so that they outlast a view on top of it. */
export function useViewSurface(view: View, typed: Drafts, setDrafts: (drafts: Drafts) => void): Surface {
  const { as } = useViewer();
  const drafts = keptDrafts(typed, view.blocks);
  return useActing(view.id, drafts, setDrafts, view.errors, (block_id, action_id, value) => {
    const chosen = value === undefined ? {} : { value };
    return clickInView({ as, view_id: view.id, block_id, action_id, ...chosen, values: drafts });
  });
}

function useActing(
  id: string,
  drafts: Drafts,
  setDrafts: (drafts: Drafts) => void,
  errors: Record<string, string>,
  send: Send,
): Surface {
  const [busy, setBusy] = useState<string | null>(null);
  const run = useAct();
  return {
    id,
    busy,
    drafts,
    errors,
    act: (blockId, actionId, value) => {
      setBusy(`${blockId}/${actionId}`);
      void run(() => send(blockId, actionId, value)).finally(() => setBusy(null));
    },
    change: (blockId, actionId, value) =>
      setDrafts({ ...drafts, [blockId]: { ...drafts[blockId], [actionId]: value } }),
  };
}

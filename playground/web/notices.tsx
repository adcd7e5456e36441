// Slack's own warnings where they belong: under a message, in a modal, on Home.
import type { Notice } from '../src/protocol.ts';
import { dismiss } from './api.ts';
import { CloseIcon, WarningIcon } from './icons.tsx';
import { useAct } from './toasts.tsx';
import { useViewer } from './viewer.ts';

/** The acting person's warnings about one message or view. */
export function Notices({ where }: { where: Pick<Notice, 'channel' | 'ts' | 'view_id'> }) {
  const { state, as } = useViewer();
  const run = useAct();
  const here = state.notices.filter(
    (notice) => notice.ts === where.ts && notice.channel === where.channel && notice.view_id === where.view_id,
  );
  return (
    <>
      {here.slice(-1).map((notice) => (
        <p key={notice.id} class="notice" role="alert" data-testid="notice" data-code={notice.code}>
          <WarningIcon />
          <span>{notice.text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss this warning"
            onClick={() => here.forEach((each) => void run(() => dismiss(as, each.id)))}
          >
            <CloseIcon />
          </button>
        </p>
      ))}
    </>
  );
}

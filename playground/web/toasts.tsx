// Short words from the page at its bottom, and Slack's warnings that belong to no message. They never block anything.
import { createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import { type Answer, ControlError, dismiss } from './api.ts';
import { CloseIcon, WarningIcon } from './icons.tsx';
import { useViewer } from './viewer.ts';

export type Toast = { id: number; text: string };

/** At most this many at once: more would leave too little of the channel. */
const SHOWN_MAX = 3;

export const ToastContext = createContext<(text: string) => void>(() => {});

/** The list of toasts, and how to add and remove one. */
export function useToasts() {
  const [list, setList] = useState<Toast[]>([]);
  const show = useCallback((text: string) => {
    setList((before) => [...before, { id: (before.at(-1)?.id ?? 0) + 1, text }].slice(-SHOWN_MAX));
  }, []);
  const remove = useCallback((id: number) => setList((before) => before.filter((toast) => toast.id !== id)), []);
  return { list, show, remove };
}

/** Runs one act and shows what went wrong, unless the playground itself shows it as a notice or a field error. */
export function useAct() {
  const show = useContext(ToastContext);
  return useCallback(
    async <T extends Answer>(act: () => Promise<T>): Promise<T | null> => {
      try {
        const result = await act();
        if (result.ok === false && !isShownElsewhere(result))
          show(result.message ?? `That did not work (${result.error}).`);
        return result;
      } catch (error) {
        show(error instanceof ControlError ? error.message : 'The playground does not answer. Is it running?');
        return null;
      }
    },
    [show],
  );
}

function isShownElsewhere({ error }: Answer): boolean {
  const shown = ['field_errors', 'no_listener', 'operation_timed_out', 'http_error', 'bad_response'];
  return error !== undefined && shown.includes(error);
}

/** The toasts and the warnings without a place of their own. */
export function Toasts({ toasts, onDismiss }: { toasts: Toast[]; onDismiss: (id: number) => void }) {
  const { state, as } = useViewer();
  const run = useAct();
  const notices = state.notices
    .filter((notice) => notice.ts === undefined && notice.view_id === undefined)
    .slice(-SHOWN_MAX);
  return (
    <div class="toasts" role="alert">
      {notices.map((notice) => (
        <Line key={notice.id} text={notice.text} onClose={() => void run(() => dismiss(as, notice.id))} />
      ))}
      {toasts.map((toast) => (
        <Line key={toast.id} text={toast.text} onClose={() => onDismiss(toast.id)} />
      ))}
    </div>
  );
}

function Line({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <div class="toast" data-testid="toast">
      <WarningIcon />
      <span>{text}</span>
      <button type="button" class="icon-button" aria-label="Dismiss" onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}

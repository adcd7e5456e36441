// The acting person's modals: the top of the stack is shown, the ones below keep what was typed.
import { useRef, useState } from 'preact/hooks';
import type { View } from '../src/protocol.ts';
import { closeView, submit } from './api.ts';
import { Blocks } from './blocks/blocks.tsx';
import { type Drafts, SurfaceContext } from './blocks/surface.ts';
import { PlainText } from './blocks/text.tsx';
import { Dialog } from './dialog.tsx';
import { BackIcon, WarningIcon } from './icons.tsx';
import { textAt } from './json.ts';
import { Notices } from './notices.tsx';
import { useViewSurface } from './surfaces.ts';
import { useAct } from './toasts.tsx';
import { useViewer } from './viewer.ts';

/** The modal on top of the stack, if there is one. */
export function Modals({ stack }: { stack: View[] }) {
  const { as } = useViewer();
  const run = useAct();
  const drafts = useRef(new Map<string, Drafts>());
  const [, redraw] = useState(0);
  const top = stack.at(-1);
  for (const id of drafts.current.keys()) if (!stack.some((view) => view.id === id)) drafts.current.delete(id);
  if (top === undefined) return null;
  const close = (isCleared: boolean) => void run(() => closeView({ as, view_id: top.id, is_cleared: isCleared }));
  const setDrafts = (next: Drafts) => {
    drafts.current.set(top.id, next);
    redraw((n) => n + 1);
  };
  return (
    <Dialog
      key={top.root_view_id}
      title={textAt(top.title, 'text')}
      testId="modal"
      size="medium"
      focusKey={top.id}
      onClose={(how) => close(how === 'cross' && stack.length > 1)}
      before={
        stack.length > 1 && (
          <button
            type="button"
            class="icon-button"
            aria-label="Back"
            data-testid="modal-back"
            onClick={() => close(false)}
          >
            <BackIcon />
          </button>
        )
      }
      attributes={{ 'data-view-id': top.id, 'data-callback-id': top.callback_id, 'data-depth': String(stack.length) }}
    >
      <ModalForm
        key={top.id}
        view={top}
        drafts={drafts.current.get(top.id) ?? {}}
        setDrafts={setDrafts}
        onClose={() => close(false)}
      />
    </Dialog>
  );
}

type FormProps = { view: View; drafts: Drafts; setDrafts: (drafts: Drafts) => void; onClose: () => void };

function ModalForm({ view, drafts, setDrafts, onClose }: FormProps) {
  const { as } = useViewer();
  const run = useAct();
  const surface = useViewSurface(view, drafts, setDrafts);
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = async () => {
    if (isSending || view.submit === null || view.submit_disabled) return;
    setSending(true);
    const result = await run(() => submit({ as, view_id: view.id, values: surface.drafts }));
    setSending(false);
    const wrong = Object.keys(result?.errors ?? {})[0];
    if (wrong === undefined) return;
    form.current
      ?.querySelector<HTMLElement>(`[data-testid="input-${CSS.escape(wrong)}"] :is(input, textarea, select)`)
      ?.focus();
  };
  return (
    <form
      ref={form}
      class="modal-form"
      noValidate
      aria-busy={isSending}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {view.warning !== null && (
        <p class="modal-warning" role="alert" data-testid="modal-warning">
          <WarningIcon />
          {view.warning}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
      <section class="modal-body" tabIndex={0} aria-label="Content">
        {view.warning === null && <Notices where={{ view_id: view.id }} />}
        <SurfaceContext.Provider value={surface}>
          <Blocks blocks={view.blocks} />
        </SurfaceContext.Provider>
      </section>
      <ModalFoot view={view} isSending={isSending} onClose={onClose} />
    </form>
  );
}

function ModalFoot({ view, isSending, onClose }: { view: View; isSending: boolean; onClose: () => void }) {
  return (
    <footer class="modal-foot">
      <button type="button" class="button button-default" data-testid="modal-close" onClick={onClose}>
        {view.close === null ? 'Close' : <PlainText text={view.close} />}
      </button>
      {view.submit !== null && (
        <button
          type="submit"
          class="button button-primary"
          data-testid="modal-submit"
          disabled={view.submit_disabled}
          aria-busy={isSending}
          aria-disabled={isSending}
        >
          <PlainText text={view.submit} />
          {isSending && <span class="spinner" aria-hidden="true" />}
        </button>
      )}
    </footer>
  );
}

// A modal dialog on the browser's own <dialog>: focus stays inside, Escape closes, focus goes back to where it was.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { rememberFocus, useKeptFocus } from './focus.ts';
import { CloseIcon } from './icons.tsx';

type Props = {
  title: string;
  testId: string;
  size: 'small' | 'medium';
  /** `cross`: by the cross in the corner; `escape`: by the key. */
  onClose: (how: 'cross' | 'escape') => void;
  /** A new value moves the focus to the first field again, such as for another view of the stack. */
  focusKey?: string;
  /** Left of the title, such as the way back in a stack. */
  before?: ComponentChildren;
  children: ComponentChildren;
  attributes?: Record<string, string>;
};

/** Shows itself on top of all else as long as it is drawn. See firstStop for what gets the focus. */
export function Dialog({ title, testId, size, onClose, focusKey, before, children, attributes }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Within the redraw itself: effects that wait for the next paint leave a moment in which a key meets nothing.
  useLayoutEffect(() => {
    const element = dialog.current;
    const giveBack = rememberFocus();
    element?.showModal();
    return () => {
      element?.close();
      giveBack();
    };
  }, []);
  useLayoutEffect(() => firstStop(dialog.current)?.focus(), [focusKey]);
  useKeptFocus(dialog, firstStop);
  return (
    <dialog
      ref={dialog}
      class={`modal modal-${size}`}
      data-testid={testId}
      aria-labelledby={titleId}
      tabIndex={-1}
      {...attributes}
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onClose('escape');
      }}
    >
      <header class="modal-head">
        {before}
        <h2 id={titleId}>{title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          data-testid={`${testId}-x`}
          onClick={() => onClose('cross')}
        >
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Where the keyboard starts: a field, or the body, which the arrow keys then scroll. */
function firstStop(dialog: HTMLDialogElement | null): HTMLElement | null {
  const stops = ['[data-autofocus]', '.modal-body :is(input, textarea, select)', '.modal-body'];
  const found = stops.map((stop) => dialog?.querySelector<HTMLElement>(stop)).find((stop) => stop != null);
  return found ?? dialog;
}

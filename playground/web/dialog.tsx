// A modal dialog on the browser's own <dialog>: focus stays inside, Escape closes, focus goes back to where it was.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
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

/** Shows itself on top of all else as long as it is drawn. The first field gets the focus, or what carries data-autofocus. */
export function Dialog({ title, testId, size, onClose, focusKey, before, children, attributes }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const back = document.activeElement;
    // The button that opened it may be gone by then; its message is the next best place.
    const message = back?.closest('[data-ts]');
    element?.showModal();
    return () => {
      element?.close();
      const target = [back, message].find((each) => each instanceof HTMLElement && each.isConnected);
      if (target instanceof HTMLElement) target.focus();
    };
  }, []);
  useEffect(() => {
    const fields = '[data-autofocus], .modal-body :is(input, textarea, select)';
    (dialog.current?.querySelector<HTMLElement>(fields) ?? dialog.current)?.focus();
  }, [focusKey]);
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

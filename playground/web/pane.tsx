// A pane that opens at the side: it takes the focus, closes by its cross or by Escape, and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { usePaneFocus } from './focus.ts';
import { CloseIcon } from './icons.tsx';

type Props = {
  /** Its class and test id, and what the cross says that it closes. */
  name: 'thread' | 'faults';
  title: string;
  topic: string;
  onClose: () => void;
  children: ComponentChildren;
};

/** A pane under its head. */
export function Pane({ name, title, topic, onClose, children }: Props) {
  const pane = useRef<HTMLElement>(null);
  usePaneFocus(pane, true, 'button');
  return (
    <section
      ref={pane}
      class={`pane ${name}`}
      aria-label={title}
      data-testid={name}
      onKeyDown={(e) => e.key === 'Escape' && onClose()}
    >
      <header class="pane-head">
        <h2>{title}</h2>
        <span class="topic">{topic}</span>
        <button
          type="button"
          class="icon-button"
          aria-label={`Close the ${name}`}
          data-testid={`${name}-close`}
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      {children}
    </section>
  );
}

// Keeps the keyboard's place: what opens takes the focus and gives it back as it closes; what redraws keeps it.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';

/** Notes what has the focus. The answer gives it back there, or to its message when it is gone by then. */
export function rememberFocus(): () => void {
  const element = document.activeElement;
  const message = element?.closest('[data-ts]');
  return () => {
    const target = [element, message].find((each) => each instanceof HTMLElement && each.isConnected);
    if (target instanceof HTMLElement) target.focus();
  };
}

/** Moves the focus to the `first` element of the pane while it is open. */
export function usePaneFocus(pane: RefObject<HTMLElement | null>, isOpen: boolean, first: string): void {
  useEffect(() => {
    const element = pane.current;
    if (!isOpen || element === null) return;
    const giveBack = rememberFocus();
    element.querySelector<HTMLElement>(first)?.focus();
    return () => {
      // Whoever went elsewhere meanwhile stays there.
      const now = document.activeElement;
      if (now === document.body || element.contains(now)) giveBack();
    };
  }, [isOpen]);
}

/** When a redraw takes away what had the focus in the element, what `next` names takes it. */
export function useKeptFocus<T extends HTMLElement>(
  ref: RefObject<T | null>,
  next: (element: T) => HTMLElement | null,
): void {
  const hadFocus = ref.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && ref.current !== null && document.activeElement === document.body) next(ref.current)?.focus();
  });
}

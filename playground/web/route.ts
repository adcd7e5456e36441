// Where the page is, kept in the address so that a reload, a link and the back button work: who acts, what is open.
import { useCallback, useEffect, useState } from 'preact/hooks';

export type Place = {
  /** The acting person; empty: not chosen yet. */
  as: string;
  /** A channel's id, `home`, or empty: not chosen yet. */
  at: string;
  /** The open thread's ts, or empty. */
  thread: string;
};

/** The place, and the way to another one. */
export function useRoute(): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const onChange = () => setPlace(read());
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  const go = useCallback((change: Partial<Place>) => {
    const next = { ...read(), ...change };
    const hash = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== '')).toString();
    setPlace(next);
    if (location.hash.slice(1) !== hash) location.hash = hash;
  }, []);
  return [place, go];
}

function read(): Place {
  const hash = new URLSearchParams(location.hash.slice(1));
  return { as: hash.get('as') ?? '', at: hash.get('at') ?? '', thread: hash.get('thread') ?? '' };
}

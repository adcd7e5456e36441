// A value that must not be shown by accident (INV-8): it prints, logs and serialises as "[secret]".
// Only the writer of the one answer that carries it, or the code that uses it, calls unwrap.

export type Secret<T> = {
  readonly unwrap: () => T;
  readonly toString: () => string;
  readonly toJSON: () => string;
};

const SHOWN = '[secret]';
const show = (): string => SHOWN;

/** Wraps a value; it lives in a closure, so that no reflection on the object reaches it. */
export function makeSecret<T>(value: T): Secret<T> {
  return Object.freeze({
    unwrap: () => value,
    toString: show,
    toJSON: show,
    [Symbol.toPrimitive]: show,
    [Symbol.for('nodejs.util.inspect.custom')]: show,
  });
}

// Bodies of the OAuth endpoints: forms (RFC 6749 appendix B), read strictly, so that one body means one thing to every reader.

import { PlacetError } from '../../domain/errors.ts';
import { BODY_BYTES_MAX } from '../body.ts';
import { invalidRequest } from '../problem.ts';
import type { ApiInstance } from '../route-context.ts';

export const FORM = 'application/x-www-form-urlencoded';
/** The longest of our requests has fewer than ten. */
const PARAMETERS_MAX = 50;
/** Everything else of a form is percent-encoded. */
const FORM_TEXT = /^[\x21-\x7e]*$/;

/** Makes forms the only bodies of these routes. */
export function registerFormParser(app: ApiInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: BODY_BYTES_MAX }, (_request, text, done) => {
    try {
      done(null, readForm(String(text)));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The parameters of a form; throws invalid_request for one that comes twice (RFC 6749 section 3.1) or is none in UTF-8. */
function readForm(text: string): Readonly<Record<string, string>> {
  const parts = text === '' ? [] : text.split('&');
  if (!FORM_TEXT.test(text) || parts.length > PARAMETERS_MAX) {
    throw invalidRequest([{ path: '', message: `is no form of at most ${PARAMETERS_MAX} parameters` }]);
  }
  const entries = parts.map((part) => {
    const [name = '', ...rest] = part.split('=');
    return [decode(name), decode(rest.join('='))] as const;
  });
  const twice = entries.find(([name], place) => entries.findIndex(([other]) => other === name) !== place);
  if (twice !== undefined) throw invalidRequest([{ path: twice[0], message: 'comes twice' }]);
  // What is sent without a value counts as left out (RFC 6749 section 3.1).
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** One name or value, as a form writes it; throws invalid_request for what is not UTF-8. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new PlacetError(
      'invalid_request',
      { errors: [{ path: '', message: 'is not percent-encoded UTF-8' }] },
      cause,
    );
  }
}

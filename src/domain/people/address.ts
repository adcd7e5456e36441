// An e-mail address: what one is made of, and the one form that it is kept and compared in. Pure.

import { hiddenIn } from '../joiners.ts';
import { describeCharacter, lookalikeOf, withoutLookalikes } from '../lookalikes.ts';

/** RFC 5321 section 4.5.3.1.3: a path of 256 with its two brackets; so many does the record hold. */
export const ADDRESS_CHARACTERS_MAX = 254;
/** RFC 5321 section 4.5.3.1.1, and RFC 1035 section 2.3.4 for each label of a domain. */
const LOCAL_CHARACTERS_MAX = 64;
const LABEL_CHARACTERS_MAX = 63;
const TOO_LONG = `longer than ${ADDRESS_CHARACTERS_MAX} characters`;
const LABELS_MAX = 127;

/** RFC 5321 section 4.1.2: atoms of these with dots between. Quoted local parts are not for people. */
const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
const LOCAL_PART = new RegExp(`^${ATEXT}+(?:\\.${ATEXT}+)*$`);
/** As the rest of the world writes it in ASCII; the last label is no number, or it would be an IP address. */
const ASCII_DOMAIN = /^(?:[a-z0-9][a-z0-9-]*\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)$/;
/** Scripts in everyday use (Unicode Standard Annex 31, table 5), and those that one word is written in together. */
const SCRIPTS = [
  ...[
    'Arabic',
    'Armenian',
    'Bengali',
    'Cyrillic',
    'Devanagari',
    'Ethiopic',
    'Georgian',
    'Greek',
    'Gujarati',
    'Gurmukhi',
  ],
  ...[
    'Hebrew',
    'Kannada',
    'Khmer',
    'Lao',
    'Malayalam',
    'Myanmar',
    'Oriya',
    'Sinhala',
    'Tamil',
    'Telugu',
    'Thaana',
    'Thai',
  ],
  ...['Tibetan', 'Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'],
].map((names) => {
  const classes = names.split(' ').map((name) => `\\p{Script=${name}}`);
  return new RegExp(`^[${classes.join('')}\\p{Script=Common}\\p{Script=Inherited}]*$`, 'u');
});
/** Letters, digits and their marks; joiners were judged before, and a dot in the middle of a Catalan or Japanese word. */
const LABEL = /^(?:[\p{L}\p{N}\p{M}\p{Join_Control}\u30fb-]|(?<=l)\u00b7(?=l))+$/u;

/**
 * The address in lower case with its domain in ASCII form (UTS 46, as in the URL standard), so that `Ann@BÜCHER.example` and
 * `ann@xn--bcher-kva.example` are one. What has no domain that a URL could have is only written in lower case.
 */
export function addressOf(text: string): string {
  const trimmed = text.trim().toLowerCase();
  const at = trimmed.lastIndexOf('@');
  if (at < 1) return trimmed;
  return `${trimmed.slice(0, at)}@${asciiDomain(trimmed.slice(at + 1))}`;
}

/** Why a text is no address that somebody may be named by, and what helps; null when it is one. Spaces around it are not part of it. */
export function addressFault(text: string): string | null {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf('@');
  if (trimmed.length > ADDRESS_CHARACTERS_MAX) return TOO_LONG;
  const like = /[\uff20\ufe6b]/.exec(trimmed)?.[0];
  if (like !== undefined) return `not an e-mail address: it has ${describeCharacter(like)}; type "@" instead`;
  if (at < 1) return 'not an e-mail address';
  const alone = /(?:^mailto:|<)([^\s<>:]+@[^\s<>?]+)(?:>|\?|$)/i.exec(trimmed)?.[1];
  if (alone !== undefined) return `not an e-mail address; write ${alone} alone`;
  if (/@\S*[,;\s]+\S+@/.test(trimmed)) return 'not an e-mail address: there are several; write each by itself';
  const local = trimmed.slice(0, at);
  const hidden = hiddenIn(trimmed);
  if (hidden !== null) return `not an e-mail address: it has ${describeCharacter(hidden)}; delete it`;
  const strange = [...local].find((character) => character !== '.' && !LOCAL_PART.test(character));
  if (strange !== undefined) {
    return `not an e-mail address: before the @ it has ${describeCharacter(strange)}, and only A-Z, a-z, 0-9 and .!#$%&'*+/=?^_\`{|}~- may stand there`;
  }
  if (!LOCAL_PART.test(local)) return 'not an e-mail address: before the @ a dot stands between other characters';
  if (local.length > LOCAL_CHARACTERS_MAX) {
    return `not an e-mail address: more than ${LOCAL_CHARACTERS_MAX} characters stand before the @`;
  }
  const fault = domainFault(trimmed.slice(at + 1));
  if (fault !== null) return `not an e-mail address: ${fault}`;
  return addressOf(trimmed).length > ADDRESS_CHARACTERS_MAX ? TOO_LONG : null;
}

function domainFault(written: string): string | null {
  const domain = written.toLowerCase();
  const ascii = asciiDomain(domain);
  const labels = domain.split('.').filter((label) => /\P{ASCII}/u.test(label));
  // What the URL standard would only map to other characters is not what a reader sees.
  const isMapped = domain.normalize('NFKC') !== domain.normalize('NFC') || !labels.every((label) => LABEL.test(label));
  if (isMapped || !ASCII_DOMAIN.test(ascii) || !URL.canParse(`http://${ascii}`)) {
    return `"${written}" is no domain name; write it such as example.com, or in its ASCII form, xn--…`;
  }
  if (ascii.split('.').some((label) => label.length > LABEL_CHARACTERS_MAX)) {
    return `"${written}" is no domain name: one part of it has more than ${LABEL_CHARACTERS_MAX} characters`;
  }
  const confusing = labels.find(isConfusing);
  if (confusing === undefined) return null;
  const strange = [...confusing].find((each) => /\P{ASCII}/u.test(each) && lookalikeOf(each) !== null);
  const mixed = SECOND_DOT.test(confusing.normalize('NFD')) ? 'has a second dot that nobody sees' : 'mixes scripts';
  const reason = strange === undefined ? mixed : `has ${describeCharacter(strange)}`;
  return `"${confusing}" ${reason}; if it is meant, write ${ascii}`;
}

/** A dot above a letter that has one already is not seen. */
const SECOND_DOT = /\p{Soft_Dotted}\p{M}*\u0307/u;

/** A label that a reader may take for another one: of scripts that no word mixes, or of nothing but what looks like ASCII. */
function isConfusing(label: string): boolean {
  if (SECOND_DOT.test(label.normalize('NFD'))) return true;
  if (!SCRIPTS.some((script) => script.test(label))) return true;
  // The dot of Catalan stands between two l and is none of the dots that part labels.
  return /^\p{ASCII}*$/u.test(withoutLookalikes(label.replaceAll('l\u00b7l', 'll\u0301')));
}

function asciiDomain(domain: string): string {
  // Only letters outside of ASCII are written otherwise there; an IP address in an odd form is left as it came.
  if (/^[\x20-\x7e]*$/.test(domain) || domain.split('.').length > LABELS_MAX) return domain;
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain;
}

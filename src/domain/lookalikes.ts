// Characters that look like ASCII ones, so that a person can be told which of the two was typed. Pure.

import { hiddenIn } from './joiners.ts';

/**
 * The confusables of Unicode Technical Standard 39 (version 15) that look like one character of a name or pattern, without what
 * compatibility normalisation (NFKC) turns into one anyway, what runs from right to left, and marks that stand on another
 * letter. Beside them are letters that only some fonts draw alike, such as the Cyrillic "к".
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '*': '⁎∗𐌟✱✲',
  '-': '‐‒–﹘⁃˗−➖Ⲻ',
  '.': '꘎۰ꓸ。·',
  '/': '᜵⁁∕⁄╱⟋⧸𝈺㇓〳Ⳇノ丿',
  2: 'ꝚƧϨꙄᒿꛯ',
  3: '𝈆ꞫȜƷꝪⳌЗӠ𖼻𑣊',
  4: 'Ꮞ𑢯',
  5: 'Ƽ𑢻',
  6: 'ⳒбᏮ𑣕',
  7: '𝈒𐓒𑣆',
  8: '৪੪ȣȢ𐌚',
  9: '੧୨৭൭ꝮⳊ𑣌𑢬𑣖',
  ':': '։᛬᠃᠉⁚˸꞉∶ːꓽ',
  A: 'ΑАᎪᗅꓮ𖽀𐊠',
  B: 'ꞴΒВᏴᗷꓐ𐊂𐊡𐌁',
  C: '🝌𑣲𑣩ϹⲤСᏟꓚ𐊢𐌂𐐕𐔜',
  D: 'Ꭰᗞᗪꓓ',
  E: '⋿ΕЕⴹᎬꓰ𑢦𑢮𐊆',
  F: '𝈓ꞘϜᖴꓝ𑣂𑢢𐊇𐊥𐔥',
  G: 'ԌᏀᏳꓖ',
  H: 'ΗⲎНᎻᕼꓧ𐋏',
  I: 'ƖΙⲒІӀ',
  J: 'ꞲͿЈᎫᒍꓙ',
  K: 'ΚⲔКᏦᛕꓗ𐔘',
  L: '𝈪ⳐᏞᒪꓡ𖼖𑢣𑢲𐐛𐔦',
  M: 'ΜϺⲘМᎷᗰᛖꓟ𐊰𐌑',
  N: 'ΝⲚꓠ𐔓',
  O: '০୦〇𑓐𑣠ΟⲞОՕⵔዐଠ𐓂ꓳ𑢵𐊒𐊫𐐄𐔖',
  P: 'ΡⲢРᏢᑭꓑ𐊕',
  Q: 'ⵕ',
  R: '𝈖ƦᎡᏒ𐒴ᖇꓣ𖼵',
  S: 'ЅՏᏕᏚꓢ𖼺𐊖𐐠',
  T: '⊤⟙🝨ΤⲦТᎢꓔ𖼊𑢼𐊗𐊱𐌕',
  U: '∪⋃Սሀ𐓎ᑌꓴ𖽂𑢸',
  V: '𝈍۷ѴⴸᏙᐯꛟꓦ𖼈𑢠𐔝',
  W: '𑣯𑣦ԜᎳᏔꓪ',
  X: '᙭╳𐌢𑣬ꞳΧⲬХⵝᚷꓫ𐊐𐊴𐌗𐔧',
  Y: 'ΥⲨУҮᎩᎽꓬ𖽃𑢤𐊲',
  Z: '𐋵𑣥ΖᏃꓜ𑢩',
  a: '⍺ɑαа',
  b: 'ƄЬᏏᑲᖯв',
  c: 'ᴄϲⲥсꮯ𐐽',
  d: 'ԁᏧᑯꓒ',
  e: '℮ꬲеҽ',
  f: 'ꬵꞙẝք',
  g: 'ɡᶃƍց',
  h: 'һհᏂн',
  i: '˛⍳ıɪɩιͺіꙇӏꭵᎥ𑣃',
  j: 'ϳј',
  k: 'кκ',
  l: '∣⏽￨۱𐌠ǀⵏᛁꓲ𖼨𐊊𐌉',
  m: 'м',
  n: 'ոռηп',
  o: '०੦૦௦౦೦൦๐໐၀۵ᴏᴑꬽοσⲟоჿօഠဝ𐓪𑣈𑣗𐐬',
  p: '⍴ρⲣр',
  q: 'ԛգզ',
  r: 'ꭇꭈᴦⲅгꮁ',
  s: 'ꜱƽѕꮪ𑣁𐑈',
  t: 'тτ',
  u: 'ꞟᴜꭎꭒʋυս𐓶𑣘',
  v: '∨⋁ᴠνѵ𑜆ꮩ𑣀',
  w: 'ɯᴡѡԝա𑜊𑜎𑜏ꮃ',
  x: '᙮×⤫⤬⨯хᕁᕽ',
  y: 'ɣᶌʏỿꭚγуүყ𑣜',
  z: 'ᴢꮓ𑣄',
};

const ASCII_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKALIKES).flatMap(([ascii, characters]) =>
    [...characters].map((character) => [character, ascii] as const),
  ),
);

/** Scripts whose letters people are likely to type or paste; any other is called a letter and shown by its number. */
const SCRIPTS = [
  ...['Cyrillic', 'Greek', 'Armenian', 'Hebrew', 'Arabic', 'Georgian', 'Cherokee', 'Coptic', 'Devanagari', 'Bengali'],
  ...['Thai', 'Lao', 'Ethiopic', 'Lisu', 'Hangul', 'Hiragana', 'Katakana', 'Han'],
].map((name) => ({ name, form: new RegExp(`^\\p{Script=${name}}$`, 'u') }));

/** Where the character is not ASCII but looks like it: the ASCII that it looks like. */
export function lookalikeOf(character: string): string | null {
  const known = ASCII_OF.get(character) ?? ASCII_OF.get(character.normalize('NFKC'));
  if (known !== undefined) return known;
  const plain = character.normalize('NFKC');
  return plain !== character && /^[\x21-\x7e]+$/.test(plain) ? plain : null;
}

/** The text with each character that looks like ASCII as that. */
export function withoutLookalikes(text: string): string {
  return Array.from(text, (character) => lookalikeOf(character) ?? character).join('');
}

const NAMES: ReadonlyMap<string, string> = new Map([
  [' ', 'a space'],
  ['\t', 'a tab'],
  ['\n', 'a line break'],
  ['\u00a0', 'a no-break space (U+00A0)'],
  ['\u2018', 'a curly quote (U+2018)'],
  ['\u2019', 'a curly quote (U+2019)'],
  ['\u201c', 'a curly quote (U+201C)'],
  ['\u201d', 'a curly quote (U+201D)'],
  ['\u201e', 'a curly quote (U+201E)'],
]);

/** One character for a person: itself where it can be seen, its number, its script, and the ASCII that it looks like. */
export function describeCharacter(character: string): string {
  const point = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  if (/^[\x21-\x7e]$/.test(character)) return `"${character}"`;
  const name = NAMES.get(character);
  if (name !== undefined) return name;
  if (/^\p{Zs}$/u.test(character)) return `a space of another kind (${point})`;
  if (hiddenIn(character) !== null) return `a character that nobody sees (${point})`;
  const script = SCRIPTS.find(({ form }) => form.test(character))?.name;
  const kind = script === undefined ? '' : `the ${script} letter `;
  const alike = lookalikeOf(character);
  return `${kind}"${character}" (${point}${alike === null ? '' : `, which looks like "${alike}"`})`;
}

// Slack's mrkdwn as a small tree. Pure; it draws nothing and never makes HTML.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { kind: 'user' | 'channel' | 'group'; id: string; label: string }
  | { kind: 'broadcast'; name: string }
  | { kind: 'date'; unix: number; format: string; link: string; fallback: string }
  | { kind: 'link'; url: string; label: string }
  | { kind: 'emoji'; name: string };

export type Paragraph = { kind: 'pre'; text: string } | { kind: 'quote' | 'plain'; lines: Inline[][] };

// Formatting marks count only at the edge of a word, as in Slack: 2*3*4 stays as it is.
const WORD = '[\\p{L}\\p{N}]';
const marked = (name: string, mark: string) =>
  `(?<!${WORD})${mark}(?<${name}>[^\\s${mark}](?:[^${mark}\\n]*[^\\s${mark}])?)${mark}(?!${WORD})`;
const INLINE = new RegExp(
  [
    '<(?<angle>[^<>\\n]+)>',
    '`(?<code>[^`\\n]+)`',
    marked('bold', '\\*'),
    marked('italic', '_'),
    marked('strike', '~'),
    ':(?<emoji>[a-z0-9_+-]+):',
    '(?<url>https?://[^\\s<>|]*[^\\s<>|.,;:!?)])',
  ].join('|'),
  'gu',
);

/** Parses mrkdwn text. `verbatim` leaves bare URLs alone, as the text object's flag does. */
export function parseMrkdwn(source: string, verbatim: boolean): Paragraph[] {
  const parts = source.split(/```([\s\S]*?)```/);
  return parts.flatMap((part, index): Paragraph[] => {
    if (index % 2 === 1) return [{ kind: 'pre', text: decode(part.replace(/^\n|\n$/g, '')) }];
    const text = index > 0 ? part.replace(/^\n/, '') : part;
    return text === '' ? [] : parseLines(text, verbatim);
  });
}

function parseLines(text: string, verbatim: boolean): Paragraph[] {
  const out: { kind: 'quote' | 'plain'; lines: Inline[][] }[] = [];
  for (const line of text.split('\n')) {
    // Slack quotes a line that starts with an escaped sign just the same.
    const quoted = /^(?:>|&gt;) ?/.exec(line);
    const kind = quoted === null ? 'plain' : 'quote';
    const inlines = parseInline(line.slice(quoted?.[0].length ?? 0), verbatim);
    const last = out.at(-1);
    if (last?.kind === kind) last.lines.push(inlines);
    else out.push({ kind, lines: [inlines] });
  }
  return out;
}

function parseInline(text: string, verbatim: boolean): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) out.push({ kind: 'text', text: decode(text.slice(from, match.index)) });
    out.push(inlineOf(match[0], match.groups ?? {}, verbatim));
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ kind: 'text', text: decode(text.slice(from)) });
  return out;
}

function inlineOf(whole: string, groups: Record<string, string | undefined>, verbatim: boolean): Inline {
  const { angle, code, bold, italic, strike, emoji, url } = groups;
  if (angle !== undefined) return angleOf(angle);
  if (code !== undefined) return { kind: 'code', text: decode(code) };
  if (bold !== undefined) return { kind: 'bold', children: parseInline(bold, verbatim) };
  if (italic !== undefined) return { kind: 'italic', children: parseInline(italic, verbatim) };
  if (strike !== undefined) return { kind: 'strike', children: parseInline(strike, verbatim) };
  if (emoji !== undefined) return { kind: 'emoji', name: emoji };
  if (url !== undefined && !verbatim) return { kind: 'link', url: decode(url), label: decode(url) };
  return { kind: 'text', text: decode(whole) };
}

function angleOf(inner: string): Inline {
  const bar = inner.indexOf('|');
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? '' : decode(inner.slice(bar + 1));
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1), label };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { kind: 'group', id: target.slice('!subteam^'.length), label };
  if (target.startsWith('!date^')) {
    const [, unix = '', format = '', link = ''] = target.split('^');
    return { kind: 'date', unix: Number(unix), format, link, fallback: label };
  }
  if (target.startsWith('!')) return { kind: 'broadcast', name: target.slice(1) };
  const url = decode(target);
  return { kind: 'link', url, label: label === '' ? url : label };
}

/** The three characters that Slack escapes; nothing else is an entity. */
function decode(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

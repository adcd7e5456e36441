// The report for auditors as one page of HTML that prints well: no script, nothing from elsewhere, exceptions first.

import type { AnswerOf } from './operations.ts';

type Report = AnswerOf<'reportAudit'>;
type Population = Report['populations'][number];
type Item = Readonly<Record<string, string>>;

const STYLE = `body{font:13px/1.4 system-ui,sans-serif;margin:2em auto;max-width:70em;color:#111}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%;font-size:11px;margin:.5em 0 1.5em}
th,td{border:1px solid #bbb;padding:.25em .4em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}.wrong{background:#fdecea}caption{text-align:left;font-weight:600;padding:.3em 0}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}`;

/** The page. */
export function reportPage(report: Report): string {
  const { log, from, to, seed, first_index, end_index, tree_size, populations } = report;
  const wrong = populations.reduce((sum, { exceptions }) => sum + exceptions.count, 0);
  const span = `${from ?? 'the beginning of the log'} to ${to ?? 'the last checkpoint'}`;
  const facts: Item = {
    log,
    span,
    places: `${first_index} to ${end_index} (not included) of ${tree_size}`,
    'seed of the samples': seed,
    exceptions: String(wrong),
  };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit report of ${escaped(log)}</title><style>${STYLE}</style></head><body>
<h1>Audit report</h1>
${tableOf('What it is of', [facts])}
<p>Drawn from the audit log alone. The export of the same span has every event of it, with what proves that none is missing.</p>
<h2>Exceptions</h2>
${wrong === 0 ? '<p>None.</p>' : populations.map(exceptionsOf).join('\n')}
${populations.map(sectionOf).join('\n')}
</body></html>
`;
}

function exceptionsOf({ name, exceptions }: Population): string {
  if (exceptions.count === 0) return '';
  return tableOf(`${name}: ${exceptions.items.length} of ${exceptions.count}`, exceptions.items, 'wrong');
}

function sectionOf({ name, says, criteria, count, exceptions, sample }: Population): string {
  const counted = `${count} in all, ${exceptions.count} of them exceptions. Evidence for ${criteria.join(', ')}.`;
  return `<h2>${escaped(name)}</h2><p>${escaped(says)} ${escaped(counted)}</p>
${sample.length === 0 ? '<p>None in this span.</p>' : tableOf(`Sample of ${sample.length}`, sample)}`;
}

function tableOf(caption: string, items: readonly Item[], of = 'plain'): string {
  const columns = Object.keys(items[0] ?? {});
  const head = columns.map((column) => `<th>${escaped(column.replaceAll('_', ' '))}</th>`).join('');
  const body = items.map(
    (item) => `<tr>${columns.map((name) => `<td>${escaped(item[name] ?? '')}</td>`).join('')}</tr>`,
  );
  return `<table class="${of}"><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

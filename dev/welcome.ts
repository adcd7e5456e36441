// What a person reads when everything runs: where to go and what to click.
import type { Stack } from './stack.ts';

/** Says what runs and what to do next. */
export function describeRun({ pageUrl, apiUrl }: Pick<Stack, 'pageUrl' | 'apiUrl'>): string {
  const next =
    pageUrl === undefined
      ? ['  Next: in Slack, type /placet, or send a request to the API.']
      : [
          `  Open   ${pageUrl}`,
          '  There  a card of the demo agent waits in #payments-approvals: click Approve and watch the agent go on.',
        ];
  return [
    '',
    '  Placet is running.',
    '',
    ...next,
    '',
    `  API    ${apiUrl}   (its description: ${apiUrl}/openapi.json)`,
    '  Logs   .placet/log/',
    '  Stop   Ctrl-C; requests stay pending and go on with the next start (`npm start -- --fresh` forgets them)',
    '',
  ].join('\n');
}

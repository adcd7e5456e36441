// What a person reads when everything runs: where to go and what to click.

import type { Stack } from './stack.ts';

/** Says what runs and what to do next. */
export function describeRun({ page_url, api_url }: Pick<Stack, 'page_url' | 'api_url'>): string {
  const next =
    page_url === undefined
      ? ['  Next: in Slack, type /placet, or send a request to the API.']
      : [
          `  Open   ${page_url}`,
          '  There  a card of the demo agent waits in #payments-approvals: click Approve and watch the agent go on.',
        ];
  return [
    '',
    '  Placet is running.',
    '',
    ...next,
    '',
    `  API    ${api_url}   (its description: ${api_url}/openapi.json)`,
    '  Logs   .placet/log/',
    '  Stop   Ctrl-C; requests stay pending and go on with the next start (`npm start -- --fresh` forgets them)',
    '',
  ].join('\n');
}

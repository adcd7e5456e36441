// A model for the CLI of the Claude Agent SDK on this machine: the Messages API as a server on loopback, since nothing here may
// call a real one. It wants the given calls, again as long as it is told that they are pending, and then says what it was
// answered.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startModel(wanted) {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const isMessage = /^\/v1\/messages(\?|$)/.test(request.url);
    response.writeHead(isMessage ? 200 : 404, { 'content-type': 'text/event-stream' });
    response.end(isMessage ? eventsOf(answerTo(JSON.parse(text), wanted), JSON.parse(text).model) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => server.close().closeAllConnections() };
}

const blocksOf = ({ content }) => (Array.isArray(content) ? content : []);
const textOf = ({ content }) => {
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
  return text.replace(/^PreToolUse:\S+ hook error: (?=\{)/, '');
};
const key = ({ name, input }) => JSON.stringify([name, Object.entries(input).sort()]);

const AGAIN = /"pending":true|STOP what you are doing|onFailure is|was interrupted before a result/;

/** What the model says next: the calls that it still wants, or words. */
function answerTo({ messages, tools = [] }, wanted) {
  const blocks = messages.flatMap(blocksOf);
  const results = new Map(
    blocks.filter(({ type }) => type === 'tool_result').map((block) => [block.tool_use_id, block]),
  );
  const answers = new Map(
    blocks
      .filter(({ type, id }) => type === 'tool_use' && results.has(id))
      .map((block) => [key(block), textOf(results.get(block.id))]),
  );
  // It tries again what it was told has not run, or may not have.
  const isOver = (call) => answers.has(key(call)) && !AGAIN.test(answers.get(key(call)));
  const open = wanted.filter((call) => !isOver(call) && tools.some(({ name }) => name === call.name));
  const last = blocksOf(messages.at(-1));
  // A session that was interrupted answers its open call, and has the new prompt beside that.
  const isAsked = last.some(({ type, text }) => type === 'text' && text.startsWith('Go on.'));
  const isAnswered = !isAsked && last.some(({ type }) => type === 'tool_result');
  if (open.length > 0 && !isAnswered) {
    return open.map(({ name, input }) => ({ type: 'tool_use', id: `toolu_${randomUUID()}`, name, input }));
  }
  return [{ type: 'text', text: [...answers.values(), 'end'].join('\n').replace(/\nend$/, '') }];
}

/** The answer as the API streams it. */
function eventsOf(content, model) {
  const stop_reason = content[0].type === 'text' ? 'end_turn' : 'tool_use';
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model, stop_sequence: null, usage };
  const blocks = content.flatMap((block, index) => [
    {
      type: 'content_block_start',
      index,
      content_block: { ...block, ...(block.input ? { input: {} } : { text: '' }) },
    },
    { type: 'content_block_delta', index, delta: deltaOf(block) },
    { type: 'content_block_stop', index },
  ]);
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

function deltaOf({ text, input }) {
  return input ? { type: 'input_json_delta', partial_json: JSON.stringify(input) } : { type: 'text_delta', text };
}

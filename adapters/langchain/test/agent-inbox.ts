// Guards the schema of Agent Inbox: its shapes both ways, and on a real graph whose thread waits in that schema, where an answer
// that comes in is no approval.
import { describe, expect, test } from '@jest/globals';
import { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import {
  type AgentInboxAnswer,
  type AgentInboxInterrupt,
  acceptedCall,
  fromAgentInbox,
  responseOf,
  toAgentInbox,
} from '@placet/langchain';
import { awaitApproval, resumeThread } from '@placet/langgraph';
import type { Gate } from '@placet/sdk';
import { usePlacet } from '../../test/placet.ts';
import { thread } from './support.ts';

const placet = usePlacet();

describe('the schema of Agent Inbox', () => {
  const config = { allow_accept: true, allow_edit: false, allow_respond: true, allow_ignore: true };
  const call = { tool: 'refund', arguments: { order: 'A-1' } };

  test.each<[string, AgentInboxInterrupt['action_request']]>([
    ['args', { action: 'refund', args: { order: 'A-1' } }],
    ['arguments, as some senders say', { action: 'refund', arguments: { order: 'A-1' } }],
  ])('becomes a tool call, from %s', (_name, action_request) => {
    expect(fromAgentInbox({ action_request, config })).toEqual(call);
  });

  test('is made of a tool call, and the same comes back', () => {
    expect(toAgentInbox(call)).toEqual({ action_request: { action: 'refund', args: { order: 'A-1' } }, config });
    expect(fromAgentInbox(toAgentInbox(call))).toEqual(call);
  });

  test('an answer lets the call of the interrupt go on, or none; an edit of it is refused', () => {
    const shown = toAgentInbox(call);
    expect(acceptedCall(shown, { type: 'accept', args: null })).toEqual(call);
    expect(acceptedCall(shown, { type: 'edit', args: { action: 'refund', args: { order: 'A-1' } } })).toEqual(call);
    expect(acceptedCall(shown, { type: 'ignore', args: null })).toBeNull();
    expect(acceptedCall(shown, { type: 'response', args: 'no' })).toBeNull();
    for (const args of [
      { action: 'refund', args: { order: 'B-666' } },
      { action: 'purge', args: { order: 'A-1' } },
      { action: 'refund' },
    ]) {
      expect(() => acceptedCall(shown, { type: 'edit', args })).toThrow('not the one that was asked for');
    }
  });

  test('is answered by what became of the call: accepted is only what ran', () => {
    const reference = { id: 'apr_1', digest: 'sha256:1' };
    const answer = { denied: true, by: ['Ann'], reason: 'no', retry: false } as const;
    expect(responseOf({ state: 'ran', reference, result: 1 })).toEqual({ type: 'accept', args: null });
    expect(responseOf({ state: 'denied', reference, answer })).toEqual({
      type: 'response',
      args: JSON.stringify(answer),
    });
    for (const state of ['expired', 'cancelled'] as const) {
      expect(responseOf({ state, reference, answer })).toEqual({ type: 'ignore', args: null });
    }
    for (const state of ['pending', 'lapsed', 'already_executed', 'unreported'] as const) {
      expect(responseOf({ state, reference, answer })).toMatchObject({ type: 'response' });
    }
  });
});

describe('a graph whose thread waits in the schema of Agent Inbox', () => {
  const State = Annotation.Root({ order: Annotation<string>, ending: Annotation<string> });
  type Graph = ReturnType<typeof makeGraph>;

  function makeGraph(refunded: string[], gate?: Gate) {
    const refund = ({ order = '' }) => {
      refunded.push(String(order));
      return 'refunded';
    };
    return new StateGraph(State)
      .addNode('refund', async ({ order }) => {
        const shown = toAgentInbox({ tool: 'refund', arguments: { order } });
        const [answer] = interrupt<AgentInboxInterrupt[], AgentInboxAnswer[]>([shown]);
        if (answer === undefined) return {};
        // Bare, as the examples of Agent Inbox have it: what comes in is believed, an edit as well.
        if (gate === undefined) {
          if (answer.type === 'accept') return { ending: refund({ order }) };
          if (answer.type === 'edit') return { ending: refund(answer.args.args ?? {}) };
          return { ending: String(answer.args) };
        }
        const accepted = acceptedCall(shown, answer);
        if (accepted === null) return { ending: String(answer.args) };
        const outcome = await awaitApproval(gate, { id: 'refund', ...accepted }, { tool: refund });
        return { ending: outcome.state === 'ran' ? outcome.result : JSON.stringify(outcome.answer) };
      })
      .addEdge(START, 'refund')
      .addEdge('refund', END)
      .compile({ checkpointer: new MemorySaver() });
  }
  const answerWith = (graph: Graph, answer: AgentInboxAnswer, at: string) =>
    graph.invoke(new Command({ resume: [answer] }), thread(at));

  /** What a bridge does from outside: imports the interrupt, has people asked, and exports how they have answered. */
  async function bridge(graph: Graph, gate: Gate, at: string): Promise<AgentInboxAnswer> {
    const { tasks } = await graph.getState(thread(at));
    const [waiting] = tasks
      .flatMap(({ interrupts }) => interrupts)
      .flatMap(({ value }) => value as AgentInboxInterrupt[]);
    if (waiting === undefined) throw new Error('the thread does not wait');
    const { state: _, ...reference } = await gate.ask({ run: at, id: 'refund', ...fromAgentInbox(waiting) });
    const request = await gate.wait(reference.id);
    const answer = gate.answer(request);
    if (answer === null) return { type: 'accept', args: null };
    return responseOf({ state: 'denied', reference, answer });
  }

  test.each([
    ['approve', ['A-1'], 'refunded'],
    ['deny', [], '"denied":true'],
  ] as const)('is told how people have decided in Slack: %s', async (decision, runs, ending) => {
    const { gate, decide, requests } = await placet.newAgent();
    const refunded: string[] = [];
    const graph = makeGraph(refunded, gate);
    await graph.invoke({ order: 'A-1' }, thread(decision));
    const bridged = bridge(graph, gate, decision);
    await decide(decision, {});
    await answerWith(graph, await bridged, decision);
    const ended = await resumeThread(graph, { gate, thread: decision });
    expect([refunded, ended.ending]).toEqual([runs, expect.stringContaining(ending)]);
    expect(await requests()).toHaveLength(1);
  });

  const edit: AgentInboxAnswer = { type: 'edit', args: { action: 'refund', args: { order: 'B-666' } } };

  test('bare: an accept that nobody gave, and an edit, run', async () => {
    for (const [answer, runs] of [[{ type: 'accept', args: null }, 'A-2'] as const, [edit, 'B-666'] as const]) {
      const refunded: string[] = [];
      const graph = makeGraph(refunded);
      await graph.invoke({ order: 'A-2' }, thread('bare'));
      await answerWith(graph, answer, 'bare');
      expect(refunded).toEqual([runs]);
    }
  });

  test('through the gate: an accept that nobody gave finds people asked, and nothing run', async () => {
    const { gate, requests } = await placet.newAgent();
    const refunded: string[] = [];
    const graph = makeGraph(refunded, gate);
    await graph.invoke({ order: 'A-2' }, thread('forged'));
    await answerWith(graph, { type: 'accept', args: null }, 'forged');
    expect([refunded, (await requests()).map(({ state }) => state)]).toEqual([[], ['pending']]);
  });

  test('through the gate: an edit that comes in is refused, also of a call that was approved', async () => {
    const { gate, decide, requests } = await placet.newAgent();
    const refunded: string[] = [];
    const graph = makeGraph(refunded, gate);
    await graph.invoke({ order: 'A-3' }, thread('edited'));
    const bridged = bridge(graph, gate, 'edited');
    await decide('approve', {});
    await bridged;
    await expect(answerWith(graph, edit, 'edited')).rejects.toThrow('not the one that was asked for');
    expect([refunded, (await requests()).map(({ outcome }) => outcome?.execution)]).toEqual([[], [null]]);
  });
});

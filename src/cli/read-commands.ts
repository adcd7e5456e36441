// `placet request`: what stands in the record, for an operator. Changes nothing.

import { type Command, Option } from 'commander';
import { revokerText } from '../domain/credential/lease.ts';
import { denialReason } from '../domain/policy/policy.ts';
import { contentText } from '../domain/request/display.ts';
import type { OperatorRecord } from '../domain/request/record.ts';
import { REQUEST_STATES, type RequestState } from '../domain/request/request.ts';
import { hasQuestion, questionText } from '../domain/request/shown.ts';
import { currentStage } from '../domain/request/stages.ts';
import { limitOption, makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import { requestJson } from './json.ts';
import type { Operations } from './operations.ts';
import { printFields, printJson, printTable, time } from './print.ts';

const ITEMS_DEFAULT = 20;
const ITEMS_MAX = 200;

type Json = { readonly json: boolean };
type Limit = { readonly limit: number };

/** `placet request list|show`. */
export function requestCommand(operations: Operations, io: Io): Command {
  const list = makeCommand('list', 'list approval requests, newest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(REQUEST_STATES))
    .addOption(limitOption(ITEMS_DEFAULT, ITEMS_MAX))
    .action(async ({ json, state, limit }: Json & Limit & { state?: RequestState }) => {
      const items = await operations.listRequests({ state: state ?? null, limit });
      if (json) return printJson(io, { items: items.map(requestJson) });
      const headings = ['ID', 'STATE', 'AGENT', 'ACTION', 'RESOURCE', 'CREATED'];
      printTable(io, headings, items.map(requestRow), 'No approval requests.');
    });
  const show = makeCommand('show', 'show one approval request with its decisions, lease and result')
    .argument('<id>')
    .action(async (id: string, { json }: Json) => {
      const record = await operations.showRequest({ id });
      if (json) return printJson(io, requestJson(record));
      printFields(io, requestFields(record));
    });
  return makeGroup('request', 'approval requests').addCommand(list).addCommand(show);
}

function requestRow({ request, agent }: OperatorRecord): string[] {
  return [request.id, request.state, agent.name, request.action, request.resource, time(request.created_at)];
}

function requestFields(record: OperatorRecord): [string, string | null][] {
  const { request, agent, decisions, lease, execution, revocation, result } = record;
  return [
    ['id', request.id],
    ['state', request.state],
    ['agent', `${agent.name} (owner ${agent.owner.email})`],
    ['on behalf of', request.on_behalf_of],
    ...presentationFields(request),
    ['action', request.action],
    ['resource', request.resource],
    ['parameters', contentText(request)],
    ['justification', request.justification],
    ['digest', request.digest],
    ['policy', request.policy_number === null ? null : `version ${request.policy_number}, rule ${request.rule ?? '-'}`],
    ['effect', request.effect === 'deny' ? `deny: ${denialReason(request)}` : request.effect],
    ['requires', requiresText(record)],
    ...(hasQuestion(request) ? [['to approve', questionText(request)] as [string, string]] : []),
    ['created', time(request.created_at)],
    ['expires', time(request.expires_at)],
    ['closed', time(request.closed_at)],
    ['decisions', decisions.map(decisionLine).join('\n') || null],
    ['lease', lease === null ? null : `${lease.id} ${lease.state}, expires ${time(lease.expires_at)}`],
    ['started', execution === null ? null : `without a credential at ${time(execution.started_at)}`],
    ['revoked', revocation === null ? null : `by ${revokerText(revocation)} at ${time(revocation.revoked_at)}`],
    ['result', result === null ? null : `${result.status} at ${time(result.reported_at)}`],
  ];
}

function presentationFields({ presentation }: OperatorRecord['request']): [string, string | null][] {
  if (presentation === null) return [];
  return [
    ['title', presentation.title],
    ['risk', presentation.risk],
  ];
}

/** "1 of payments, then 2 of leads (2 of 2 stages)": the open stage is counted where there are several. */
function requiresText({ request, decisions }: OperatorRecord): string | null {
  const stages = request.requirement?.stages.map(({ quorum, approvers, each, added = [] }) => {
    const groups = [...approvers, ...added].map((group) => group.name).join(', ');
    return `${quorum} of ${groups}${each === true ? ', one of each' : ''}`;
  });
  if (stages === undefined) return null;
  const open = Math.min(currentStage(request, decisions) + 1, stages.length);
  return `${stages.join(', then ')}${stages.length === 1 ? '' : ` (${open} of ${stages.length} stages)`}`;
}

function decisionLine(decision: OperatorRecord['decisions'][number]): string {
  const reason = decision.reason === null ? '' : `: ${decision.reason}`;
  const stage = decision.stage === 0 ? '' : `stage ${decision.stage + 1}: `;
  return `${stage}${decision.decision} by ${decision.person.email} at ${time(decision.decided_at)}${reason}`;
}

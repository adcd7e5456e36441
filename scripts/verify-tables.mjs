// The part of an export's verifier that holds the tables and the versions of the policy against the events beside them.
import { closeSync, openSync, readSync } from 'node:fs';

export class Fault extends Error {}
export const fail = (what) => {
  throw new Fault(what);
};
export const require = (isRight, what) => isRight || fail(what);
/** The lines of a file, one after the other, without their ends. */
export function* readLines(path) {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(65_536);
  let rest = Buffer.alloc(0);
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
  closeSync(file);
  require(rest.length === 0, `${path} ends in the middle of a line`);
}

function quoted(cell) {
  const plain = String(cell ?? '').replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
  return `"${(/^[\s]*[=+\-@|%]/.test(plain) ? `'${plain}` : plain).replaceAll('"', '""')}"`;
}
export const csvLine = (cells) => `${cells.map(quoted).join(',')}\r`;

const CREATED = 'approval_request.created';
export const ENDS = ['approved', 'denied', 'expired', 'cancelled'].map((state) => `approval_request.${state}`);
const peopleOf = ({ actor, facts }) => [actor.id, ...(facts.stands_in_for ?? []).map(({ person_id }) => person_id)];

/** What the span tells of a request until it ends; of one that was made before the span it does not tell enough. */
export function tell(stories, event) {
  if (event.type === CREATED) stories.set(event.request_id, { made: event, events: [] });
  if (event.type.startsWith('decision.')) stories.get(event.request_id)?.events.push(event);
}

function dutiesOf({ made, events }) {
  const { effect, rule, excluded_people, requirement } = made.facts;
  const decided = events.filter(({ type }) => type === 'decision.recorded');
  const by = (choice) => decided.filter(({ facts }) => facts.decision === choice).flatMap(peopleOf);
  return {
    ...{ effect, rule, agent_id: made.actor.id, people_behind: (excluded_people ?? []).join(' ') },
    ...{ approved_by: by('approve').join(' '), denied_by: by('deny').join(' ') },
    quorum: (requirement?.stages ?? []).reduce((sum, stage) => sum + stage.quorum, 0),
  };
}

/** The columns of each table, the events that it has lines of, and the cells that the span itself tells. */
const TABLES = {
  'decisions.csv': {
    columns:
      'index decided_at request_id decision_id person_id decision stage has_reason stands_in_for counted_in ' +
      'groups_and_members policy_id policy_number rule',
    of: ['decision.recorded'],
    cells: (event) => ({
      ...{ decided_at: event.occurred_at, decision_id: event.facts.decision_id, decision: event.facts.decision },
      ...{
        stage: event.facts.stage,
        person_id: event.actor.id,
        has_reason: 'reason' in event.committed ? 'yes' : 'no',
      },
      stands_in_for: peopleOf(event).slice(1).join(' '),
    }),
  },
  'separation-of-duties.csv': {
    columns:
      'index ended_at request_id state effect rule agent_id people_behind approved_by denied_by quorum is_separated ' +
      'own_attempts_refused',
    of: ENDS.slice(0, 2),
    cells: ({ type, occurred_at }, story) => ({
      ...{ ended_at: occurred_at, state: type.split('.')[1] },
      ...(story === undefined ? {} : dutiesOf(story)),
    }),
  },
  'leases.csv': {
    columns:
      'index issued_at request_id lease_id audience scopes use approved_at approved_index is_approved_before ' +
      'expires_at state ended_at lag_seconds',
    of: ['credential.issued'],
    cells: ({ occurred_at, lease_id, facts: { audience, scopes, use, expires_at } }) => ({
      ...{ issued_at: occurred_at, lease_id, audience, scopes, use, expires_at },
    }),
  },
};

export function openTables(linesOf) {
  return Object.entries(TABLES).map(([name, { columns: names, of, cells }]) => {
    const [columns, lines] = [names.split(' '), linesOf(name)];
    require(String(lines.next().value) === csvLine(columns), `${name} has other columns`);
    return { name, columns, of, cells, lines };
  });
}

/** Each event of a table has its line there, in the order of the log, which says nothing else than the event. */
export function requireLine({ name, columns, of, cells, lines }, { index, event, story }) {
  if (!of.includes(event.type)) return;
  const { value, done } = lines.next();
  require(!done, `${name} has no line of ${event.id}`);
  const found = [...String(value).matchAll(/("(?:[^"]|"")*")[,\r]/g)].map(([, cell]) => cell);
  require(`${found.join(',')}\r` === String(value) && found.length === columns.length, `${name} is no table`);
  for (const [column, cell] of Object.entries({ index, request_id: event.request_id, ...cells(event, story) }))
    require(found[columns.indexOf(column)] === quoted(cell), `${name} says something else of ${event.id}: ${column}`);
}

/** The versions that were applied in the span, by their places. */
export function readPolicies(linesOf, { first_index, end_index }) {
  const versions = [...linesOf('policies.ndjson')].map((line) => JSON.parse(line));
  const own = versions.filter(({ index }) => index >= first_index && index < end_index && index !== null);
  const byPlace = new Map(own.map((version) => [version.index, version]));
  require(byPlace.size === own.length, 'policies.ndjson has two versions of one place');
  return byPlace;
}

export function requirePolicy(policies, index, { id, facts }) {
  const { id: policy_id, digest, number } = policies.get(index) ?? {};
  const isSame = policy_id === facts.policy_id && digest === facts.digest && number === facts.number;
  require(isSame, `policies.ndjson says something else of ${id}`);
  policies.delete(index);
}

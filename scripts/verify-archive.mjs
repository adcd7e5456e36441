// Checks an export of Placet's audit log: node verify.mjs FOLDER --key name+id+key. One file without dependencies, for Node 18 or
// later; it reads the unpacked archive, asks nobody, and holds no more of it at once than what is open. Exit code 0: all of it holds.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.', flag, key] = process.argv.slice(2);

class Fault extends Error {}
const fail = (what) => {
  throw new Fault(what);
};
const require = (isRight, what) => isRight || fail(what);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = (leaf) => sha256(Buffer.of(0), leaf);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const textOf = (name) => readFileSync(join(folder, name), 'utf8');

function unbase64(text, bytes) {
  const raw = Buffer.from(text, 'base64');
  require(raw.length === bytes && raw.toString('base64') === text, `this is not base64 of ${bytes} bytes: ${text}`);
  return raw;
}

/** The lines of a file, one after the other, without their ends. */
function* linesOf(name) {
  const file = openSync(join(folder, name), 'r');
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
  require(rest.length === 0, `${name} ends in the middle of a line`);
}

/** The size and root that the key signed (C2SP signed-note, tlog-checkpoint). */
function openCheckpoint(note) {
  const [name, id, ...encoded] = key.trim().split('+');
  const typed = unbase64(encoded.join('+'), 33);
  const ownId = sha256(`${name}\n`, typed).subarray(0, 4);
  require(typed[0] === 1 && ownId.toString('hex') === id, 'the key is none of a log');
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split('\n');
  require(end > 0 && lines.pop() === '', 'checkpoint.txt is not a signed note');
  const own = lines.flatMap((line) => {
    const [, signer, signature] =
      /^— ([^\s+]+) (\S+)$/.exec(line) ?? fail('checkpoint.txt has a line that is no signature');
    const raw = Buffer.from(signature, 'base64');
    return signer === name && raw.subarray(0, 4).equals(ownId) ? [raw.subarray(4)] : [];
  });
  require(own.length === 1, 'the checkpoint is not signed by this key, or more than once');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: typed.subarray(1).toString('base64url') };
  const isSigned = verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: 'jwk' }), own[0]);
  require(isSigned, 'the signature under the checkpoint is not the key’s');
  const [origin, size, root, ...more] = text.split('\n');
  require(origin === name &&
    /^[1-9]\d{0,15}$/.test(size) &&
    more.join() === '', 'the checkpoint is not one of this log');
  return { origin, size: Number(size), root: unbase64(root, 32) };
}

/** Holds each event against the manifest, and answers the hashes of the whole span in their order. */
function* hashesOfSpan({ first_index, end_index, types }, counted) {
  const tables = openTables();
  const policies = readPolicies({ first_index, end_index });
  const stories = new Map();
  const events = linesOf('events.ndjson');
  const leftOut = linesOf('left-out.txt');
  const table = linesOf('events.csv');
  require(String(table.next().value) === `${csvLine(COLUMNS)}`, 'events.csv has other columns');
  let out = leftOut.next();
  for (let index = first_index; index < end_index; index += 1) {
    const [place, hash] = out.done ? [] : String(out.value).split(' ');
    if (place === String(index)) {
      require(types.length > 0, `the place ${index} is left out, though there is no filter`);
      counted.left_out += 1;
      out = leftOut.next();
      yield unbase64(hash, 32);
      continue;
    }
    const { value: leaf, done } = events.next();
    require(!done, `the place ${index} is missing`);
    const event = JSON.parse(leaf);
    require(types.length === 0 || types.includes(event.type), `the filter leaves out ${event.id}, which is shown`);
    require(String(table.next().value) ===
      csvLine(cellsOf(index, event)), `events.csv says something else of ${event.id}`);
    if (types.length === 0) tell(stories, event);
    for (const each of tables) requireLine(each, { index, event, story: stories.get(event.request_id) });
    if (ENDS.includes(event.type)) stories.delete(event.request_id);
    if (event.type === 'policy.applied') requirePolicy(policies, index, event);
    counted.shown += 1;
    counted.first ??= event.occurred_at;
    counted.last = event.occurred_at;
    counted.by_type[event.type] = (counted.by_type[event.type] ?? 0) + 1;
    yield leafHash(leaf);
  }
  for (const [name, rest] of [
    ['events.ndjson', events.next()],
    ['left-out.txt', out],
    ['events.csv', table.next()],
    ...tables.map(({ name, lines }) => [name, lines.next()]),
  ])
    require(rest.done, `${name} has more than the span`);
  const isKnown = types.length > 0 && !types.includes('policy.applied');
  require(isKnown || policies.size === 0, 'policies.ndjson has a version that no event of the span applied');
}

/** The root of a tree in which the span stands: of what is around it, the proof has the hashes. */
function rootOf({ first_index, end_index }, { span, proof, tree: [start, end] }) {
  const next = (from, what) => {
    const { value, done } = from.next();
    return done ? fail(what) : value;
  };
  if (end <= first_index || start >= end_index) return next(proof, 'proof.txt is too short');
  if (end - start === 1) return next(span, 'the span is too short');
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  const left = rootOf({ first_index, end_index }, { span, proof, tree: [start, start + width] });
  return nodeHash(left, rootOf({ first_index, end_index }, { span, proof, tree: [start + width, end] }));
}

const COLUMNS = 'index event_id type outcome occurred_at actor_kind actor_id request_id lease_id facts'.split(' ');
function cellsOf(index, { id, type, outcome, occurred_at, actor, request_id, lease_id, facts }) {
  const cells = [index, id, type, outcome, occurred_at, actor.kind, actor.id, request_id, lease_id];
  return [...cells.map((cell) => String(cell ?? '')), JSON.stringify(facts)];
}
function quoted(cell) {
  const plain = String(cell ?? '').replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
  return `"${(/^[\s]*[=+\-@|%]/.test(plain) ? `'${plain}` : plain).replaceAll('"', '""')}"`;
}
const csvLine = (cells) => `${cells.map(quoted).join(',')}\r`;

const CREATED = 'approval_request.created';
const ENDS = ['approved', 'denied', 'expired', 'cancelled'].map((state) => `approval_request.${state}`);
const peopleOf = ({ actor, facts }) => [actor.id, ...(facts.stands_in_for ?? []).map(({ person_id }) => person_id)];

/** What the span tells of a request until it ends; of one that was made before the span it does not tell enough. */
function tell(stories, event) {
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

function openTables() {
  return Object.entries(TABLES).map(([name, { columns: names, of, cells }]) => {
    const [columns, lines] = [names.split(' '), linesOf(name)];
    require(String(lines.next().value) === csvLine(columns), `${name} has other columns`);
    return { name, columns, of, cells, lines };
  });
}

/** Each event of a table has its line there, in the order of the log, which says nothing else than the event. */
function requireLine({ name, columns, of, cells, lines }, { index, event, story }) {
  if (!of.includes(event.type)) return;
  const { value, done } = lines.next();
  require(!done, `${name} has no line of ${event.id}`);
  const found = [...String(value).matchAll(/("(?:[^"]|"")*")[,\r]/g)].map(([, cell]) => cell);
  require(`${found.join(',')}\r` === String(value) && found.length === columns.length, `${name} is no table`);
  for (const [column, cell] of Object.entries({ index, request_id: event.request_id, ...cells(event, story) }))
    require(found[columns.indexOf(column)] === quoted(cell), `${name} says something else of ${event.id}: ${column}`);
}

/** The versions that were applied in the span, by their places. */
function readPolicies({ first_index, end_index }) {
  const versions = [...linesOf('policies.ndjson')].map((line) => JSON.parse(line));
  const own = versions.filter(({ index }) => index >= first_index && index < end_index && index !== null);
  const byPlace = new Map(own.map((version) => [version.index, version]));
  require(byPlace.size === own.length, 'policies.ndjson has two versions of one place');
  return byPlace;
}

function requirePolicy(policies, index, { id, facts }) {
  const { id: policy_id, digest, number } = policies.get(index) ?? {};
  const isSame = policy_id === facts.policy_id && digest === facts.digest && number === facts.number;
  require(isSame, `policies.ndjson says something else of ${id}`);
  policies.delete(index);
}

const FILES = [
  ...['VERIFY.md', 'checkpoint.txt', 'decisions.csv', 'events.csv', 'events.ndjson', 'leases.csv', 'left-out.txt'],
  ...['log.key', 'policies.ndjson', 'proof.txt', 'separation-of-duties.csv', 'verify.mjs'],
];

async function requireFiles(files) {
  require(Object.keys(files).sort().join() === FILES.join(), 'the manifest names other files than an export has');
  for (const [name, { sha256: sum, bytes }] of Object.entries(files)) {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of createReadStream(join(folder, name))) {
      hash.update(chunk);
      length += chunk.length;
    }
    require(hash.digest('hex') === sum && length === bytes, `${name} is not the file that the manifest names`);
  }
}

/** What was checked, in words of this file: nothing is repeated that the manifest merely says. */
function saidOf({ first_index, end_index, tree_size, log, types, from, to }, { shown, left_out, first, last }) {
  const said = [
    `The places ${first_index} to ${end_index} (not included) of the log are all here, without a gap: ${shown} with their ` +
      `events, ${left_out} by their hashes alone.`,
    `They stand in the tree of ${tree_size} events that ${log} signed.`,
  ];
  if (shown > 0) said.push(`The first event shown is of ${first}, the last of ${last}.`);
  else said.push('NOTHING IS SHOWN: this export proves of no event that it happened, nor that none did.');
  if (types.length > 0)
    said.push(`By the exporter's word only: that what was left out is not of ${types}. A hash does not show its type.`);
  return [
    ...said,
    `By the exporter's word only: that this is all from ${JSON.stringify(from)} to ${JSON.stringify(to)} (null: no end); ` +
      'cells of the tables and versions of the policy that the events shown here do not tell (VERIFY.md), and all rules.',
  ];
}

try {
  if (flag !== '--key' || key === undefined) fail('say which log: node verify.mjs FOLDER --key name+id+key');
  const manifest = JSON.parse(textOf('manifest.json'));
  const { first_index, end_index, tree_size } = manifest;
  require(manifest.format === 'placet/audit-export/v1', 'the manifest is of another form');
  const isFilter = Array.isArray(manifest.types) && manifest.types.every((type) => /^[a-z_.]+$/.test(type));
  require(isFilter, 'the manifest has no list of types');
  require(textOf('log.key').trim() === key.trim(), 'the export is of a log with another key');
  await requireFiles(manifest.files);
  const checkpoint = openCheckpoint(textOf('checkpoint.txt'));
  require(manifest.log === checkpoint.origin && tree_size === checkpoint.size, 'the manifest is of another checkpoint');
  const isSpan = [first_index, end_index].every(Number.isSafeInteger) && first_index >= 0 && first_index <= end_index;
  require(isSpan && end_index <= checkpoint.size, 'the span does not lie in the tree');
  const counted = { shown: 0, left_out: 0, by_type: {} };
  const span = hashesOfSpan(manifest, counted);
  const proof = (function* () {
    for (const line of linesOf('proof.txt')) yield unbase64(String(line), 32);
  })();
  const root = rootOf(manifest, { span, proof, tree: [0, checkpoint.size] });
  require(span.next().done && proof.next().done, 'there is more than the tree holds');
  require(root.equals(
    checkpoint.root,
  ), 'an event of the span was altered, added or taken away: the root is another one');
  const { shown, left_out, by_type } = manifest.events;
  const byType = (of) => JSON.stringify(Object.entries(of).sort());
  const isCounted =
    shown === counted.shown && left_out === counted.left_out && byType(by_type) === byType(counted.by_type);
  require(isCounted, 'the manifest counts other events');
  console.log(saidOf(manifest, counted).join('\n'));
} catch (error) {
  if (!(error instanceof Fault) && error.code === undefined && !(error instanceof SyntaxError)) throw error;
  console.error(`This export does not hold: ${error.message}.`);
  process.exitCode = 1;
}

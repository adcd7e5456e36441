// Checks an export of Placet's audit log: node verify.mjs FOLDER --key name+id+key. Without dependencies, for Node 18 or later;
// it reads the unpacked archive and asks nobody. Exit code 0: all of it holds.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  csvLine,
  ENDS,
  Fault,
  fail,
  openTables,
  readLines,
  readPolicies,
  require,
  requireLine,
  requirePolicy,
  tell,
} from './verify-tables.mjs';

const [folder = '.', flag, key] = process.argv.slice(2);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = (leaf) => sha256(Buffer.of(0), leaf);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const linesOf = (name) => readLines(join(folder, name));
const textOf = (name) => readFileSync(join(folder, name), 'utf8');

function unbase64(text, bytes) {
  const raw = Buffer.from(text, 'base64');
  require(raw.length === bytes && raw.toString('base64') === text, `this is not base64 of ${bytes} bytes: ${text}`);
  return raw;
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
  const tables = openTables(linesOf);
  const policies = readPolicies(linesOf, { first_index, end_index });
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
const FILES = [
  ...['VERIFY.md', 'checkpoint.txt', 'decisions.csv', 'events.csv', 'events.ndjson', 'leases.csv', 'left-out.txt'],
  ...['log.key', 'policies.ndjson', 'proof.txt', 'separation-of-duties.csv', 'verify-tables.mjs', 'verify.mjs'],
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
  const sentences = [
    `The places ${first_index} to ${end_index} (not included) of the log are all here, without a gap: ${shown} with their ` +
      `events, ${left_out} by their hashes alone.`,
    `They stand in the tree of ${tree_size} events that ${log} signed.`,
  ];
  if (shown > 0) sentences.push(`The first event shown is of ${first}, the last of ${last}.`);
  else sentences.push('NOTHING IS SHOWN: this export proves of no event that it happened, nor that none did.');
  if (types.length > 0)
    sentences.push(
      `By the exporter's word only: that what was left out is not of ${types}. A hash does not show its type.`,
    );
  return [
    ...sentences,
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

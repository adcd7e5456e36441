// The JSON Schema of each event type's leaf, made from its kind: what an outsider holds a leaf to. Pure.

import type { EventType } from './event.ts';
import { EVENT_KINDS, factsOf, isCommitted, isNamedElsewhere } from './event-kinds.ts';

type Schema = { readonly [keyword: string]: unknown };

/** SHA-256 as base64. */
const COMMITMENT: Schema = { type: 'string', pattern: '^[A-Za-z0-9+/]{43}=$' };
const ACTOR_KINDS = ['agent', 'person', 'slack_account', 'token', 'admin_token', 'operator', 'system'];
const TYPES: Readonly<Record<string, Schema>> = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  texts: { type: 'array', items: { type: ['string', 'null'] } },
  object: { type: 'object' },
  objects: { type: 'array', items: { type: 'object' } },
};

/** The name under which a type's schema stands, of the version that is written now. */
export function schemaName(type: EventType): string {
  return `${type}@${EVENT_KINDS[type].version}`;
}

/** The schemas of all types, by name. */
export function eventSchemas(): Readonly<Record<string, Schema>> {
  const types = Object.keys(EVENT_KINDS).sort() as EventType[];
  return Object.fromEntries(types.map((type) => [schemaName(type), schemaOf(type)]));
}

function schemaOf(type: EventType): Schema {
  const facts = Object.entries(factsOf(type));
  const shown = facts.filter(([, shape]) => !isCommitted(shape));
  // A leaf that would be too long commits to all of its facts, and shows none.
  const committed = [...facts.map(([name]) => name), 'digest', 'actor'];
  const shownSchema = object(
    shown.filter(([, shape]) => !shape.endsWith(' or none')).map(([name]) => name),
    Object.fromEntries(shown.map(([name, shape]) => [name, factSchema(shape)])),
  );
  const required = ['v', 'id', 'type', 'version', 'outcome', 'actor', 'occurred_at', 'facts', 'committed'];
  return object(required, {
    v: { const: 1 },
    id: { type: 'string', pattern: '^evt_[0-9a-hjkmnp-tv-z]{36}$' },
    type: { const: type },
    version: { const: EVENT_KINDS[type].version },
    outcome: { enum: ['success', 'failure'] },
    actor: { anyOf: ACTOR_KINDS.map(actorSchema) },
    request_id: { type: 'string' },
    lease_id: { type: 'string' },
    occurred_at: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' },
    facts: shown.length === 0 ? shownSchema : { anyOf: [shownSchema, object([], {})] },
    committed: object([], Object.fromEntries(committed.map((name) => [name, COMMITMENT]))),
  });
}

function actorSchema(kind: string): Schema {
  const names = isNamedElsewhere(kind) ? ['kind'] : ['kind', 'id'];
  return object(
    names,
    Object.fromEntries(names.map((name) => [name, name === 'kind' ? { const: kind } : { type: 'string' }])),
  );
}

function factSchema(shape: string): Schema {
  const [base = '', more] = shape.split(' or ');
  const schema = TYPES[base] ?? {};
  return more === 'null' ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function object(required: readonly string[], properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', additionalProperties: false, required, properties };
}

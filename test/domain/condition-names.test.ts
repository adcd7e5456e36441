// Comparisons of a condition that nothing asked can change: a dead one is refused as a dead pattern is, or warned of.

import { describe, expect, test } from '@jest/globals';
import { besideMatch, impossibleNames } from '../../src/domain/policy/condition-names.ts';
import type { Match } from '../../src/domain/policy/policy.ts';

describe('a name that nobody can have is refused where it stands, with what was probably meant', () => {
  test.each<[condition: string, offset: number, ...says: string[]]>([
    ['agent.environment == "Production"', 21, 'no environment is like this', '"P"', 'did you mean "production"?'],
    ['"prod eu" != agent.environment', 0, 'a space', 'did you mean "prod-eu"?'],
    ['agent.name == "Deploy-Bot"', 14, 'no agent is like this', 'did you mean "deploy-bot"?'],
    ['!(agent["name"] == "dеmo")', 19, 'the Cyrillic letter "е"', 'did you mean "demo"?'],
    ['action == "orders/delete"', 10, 'no action is like this', 'did you mean "orders.delete"?'],
    ['action in ["orders.read", "orders delete"]', 26, 'a space', 'did you mean "orders.delete"?'],
    ['resource == "order/A "', 12, 'no resource is like this', 'did you mean "order/A"?'],
    ['action.startsWith("orders/")', 18, 'no action is like this'],
    ['action.endsWith("::")|| action.contains("{")', 40, '"{"'],
    ['agent.name.startsWith("-bot")', 22, 'it begins with "-"'],
    ['resource.glob("order/\\u0007*")', 14, 'matches no resource'],
    ['action.glob("orders.{delete,refund}")', 12, 'matches no action', '"orders.delete", "orders.refund"'],
    ['agent.name.glob(".*")', 16, 'did you mean "*"?'],
    ['agent.labels.team == "pay ments"', 21, 'no label is like this', 'a space'],
    ['agent.labels["cost centre"] == "1"', 13, 'no label is like this'],
    ['"cost centre" in agent.labels', 0, 'no label is like this'],
    ['on_behalf_of == "Ann@Example.com"', 16, 'write "ann@example.com"'],
    ['on_behalf_of in ["", "ann@bücher.example"]', 21, 'write "ann@xn--bcher-kva.example"'],
    ['agent.owner == "olga"', 15, 'no address is like this: not an e-mail address'],
    ['on_behalf_of.endsWith("@BÜCHER.example")', 22, 'write "@xn--bcher-kva.example"'],
    ['agent.owner.startsWith("Olga")', 23, 'write "olga"'],
  ])('%s', (condition, offset, ...says) => {
    const faults = impossibleNames(condition);
    expect(faults).toEqual([{ offset, message: expect.any(String) }]);
    for (const each of says) expect(faults[0]?.message).toContain(each);
  });

  test.each([
    'agent.environment == "production" && agent.name != "demo"',
    'action.startsWith("orders.") || action.endsWith(".delete") || action.contains("-")',
    'agent.name.endsWith("-bot") && agent.name.contains("_")',
    'resource == "C:\\\\data {1}" || resource.startsWith(" ") == false || resource.contains("a b")',
    'action.glob("*") && action.glob("*.delete")',
    'on_behalf_of == "" || on_behalf_of.endsWith("@example.com")',
    'agent.owner == "o\'brien+x@xn--bcher-kva.example"',
    'agent.labels.team == "Payments" && "team" in agent.labels',
    'parameters.name == "Deploy Bot" && parameters["cost centre"] == 1',
    'parameters.steps.exists(action, action == "two words")',
    'agent.name == parameters.bot',
    'action in [parameters.action, "a b"]',
  ])('%s is a condition like any other', (condition) => {
    expect(impossibleNames(condition).filter(({ message }) => !message.includes('no resource'))).toEqual([]);
  });
});

test.each<[condition: string, offset: number | null]>([
  ['parameters.currency == "Euro"', 23],
  ['"EURO" != parameters["currency"]', 0],
  ['parameters.currency in ["EUR", "GBP"]', 31],
  ['size(parameters.note) > 1 && parameters.to.country == "Germany"', 54],
  ['parameters.currency == "EUR" || parameters.to.country in ["DE"]', null],
  ['parameters.note == "anything" && parameters.other == "x"', null],
  ['parameters.currency.startsWith("E")', null],
  ['parameters.lines.exists(parameters, parameters.currency == "x")', null],
])('%s: a text that is none of the values in the schema is refused', (condition, offset) => {
  const country = { type: 'string', enum: ['DE', 'FR'] } as const;
  const to = { type: 'object', properties: { country } } as const;
  const currency = { enum: ['EUR', 'USD'] };
  const faults = impossibleNames(condition, { properties: { currency, note: { type: 'string' }, to } });
  expect(faults.map((fault) => fault.offset)).toEqual(offset === null ? [] : [offset]);
});

describe('what the rule’s own match leaves out never holds', () => {
  const match: Match = {
    action: 'orders.*',
    resource: 'order/*',
    agents: ['support', 'bot-*'],
    environments: ['production'],
    labels: { team: 'pay*' },
  };
  test.each<[condition: string, offset: number | null]>([
    ['agent.environment == "staging"', 21],
    ['parameters.amount > 5 && agent.name in ["demo", "other"]', 40],
    ['action == "invoices.delete"', 10],
    ['resource == "invoice/1" && action == "orders.delete"', 12],
    ['"risk" == agent.labels.team', 0],
    ['(agent.name == "support" && agent.name == "demo")', 42],
    ['agent.environment == "production"', null],
    ['agent.environment != "staging"', null],
    ['agent.environment == "staging" || action == "orders.delete"', null],
    ['!(agent.environment == "staging")', null],
    ['agent.name in ["demo", "bot-1"]', null],
    ['agent.labels.tier == "gold"', null],
    ['on_behalf_of == "ann@example.com"', null],
  ])('%s', (condition, offset) => {
    expect(besideMatch(condition, match)?.offset ?? null).toBe(offset);
  });
});

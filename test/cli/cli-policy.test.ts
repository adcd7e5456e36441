// The policy commands: what lint finds, what apply hands over, and how each ends.

import { describe, expect, test } from '@jest/globals';
import type { Operations } from '../../src/cli/operations.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import { run } from './support.ts';

const POLICY = `version: 1
approver_groups: { payments: { members: [a@example.com], channel: C0PAYMENTS } }
rules:
  - { name: r, match: { action: "*", resource: "*" }, effect: require, approvers: [payments], quorum: 1 }
`;

const APPLIED = { kind: 'applied', id: 'pol_1', number: 3, digest: 'sha256:00' } as const;

describe('policy', () => {
  test('lint of a clean file ends with 0 and counts what it saw', async () => {
    expect(await run(['policy', 'lint', 'p.yaml'], {}, { 'p.yaml': POLICY })).toEqual({
      code: 0,
      out: 'p.yaml: no problems (rules: 1, approver groups: 1, people: 0)\n',
      err: '',
    });
  });

  test('lint of a file with problems ends with 3 and names file, line and column', async () => {
    const files = { 'p.yaml': POLICY.replace('quorum: 1', 'quorum: 2') };
    expect(await run(['policy', 'lint', 'p.yaml'], {}, files)).toEqual({
      code: 3,
      out: '',
      err: 'p.yaml:4:103: rules.0.quorum: quorum 2, but the approvers are 1 in all\n',
    });
    const json = await run(['policy', 'lint', 'p.yaml', '--json'], {}, files);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toEqual({
      file: 'p.yaml',
      problems: [
        {
          line: 4,
          column: 103,
          path: ['rules', 0, 'quorum'],
          message: 'quorum 2, but the approvers are 1 in all',
        },
      ],
    });
  });

  test('warnings are said and counted, and the file is applied all the same', async () => {
    const unused =
      '{ payments: { members: [a@example.com], channel: C0PAYMENTS }, dba: { slack_user_group: S0DBA, channel: C0DBA } }';
    const files = {
      'p.yaml': POLICY.replace('{ payments: { members: [a@example.com], channel: C0PAYMENTS } }', unused),
    };
    const warning = { line: 2, column: 81, path: ['approver_groups', 'dba'], message: 'no rule asks the group "dba"' };
    const warned = 'p.yaml:2:81: warning: approver_groups.dba: no rule asks the group "dba"\n';
    expect(await run(['policy', 'lint', 'p.yaml'], {}, files)).toEqual({
      code: 0,
      out: 'p.yaml: no problems, but 1 warning (rules: 1, approver groups: 2, people: 0)\n',
      err: warned,
    });
    const json = await run(['policy', 'lint', 'p.yaml', '--json'], {}, files);
    expect([json.code, JSON.parse(json.out)]).toMatchObject([0, { problems: [], warnings: [warning] }]);
    const applyPolicy = () => Promise.resolve(APPLIED);
    expect(await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, files)).toEqual({
      code: 0,
      out: 'Applied as version 3 (pol_1, sha256:00).\n',
      err: warned,
    });
  });

  test('apply of a file with problems applies nothing', async () => {
    const files = { 'p.yaml': POLICY.replace('quorum: 1', 'quorum: 2') };
    expect((await run(['policy', 'apply', 'p.yaml'], {}, files)).code).toBe(3);
  });

  test('apply hands over the document, the text of the file and who applied it', async () => {
    const input: unknown[] = [];
    const applyPolicy: Operations['applyPolicy'] = async (policy) => {
      input.push(policy);
      return APPLIED;
    };
    const { code, out } = await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY });
    expect({ code, out }).toEqual({ code: 0, out: 'Applied as version 3 (pol_1, sha256:00).\n' });
    expect(input).toMatchObject([{ source: POLICY, operator: operatorPrincipal('ops'), document: { version: 1 } }]);
  });

  test('apply says when nothing changed', async () => {
    const applyPolicy = () => Promise.resolve({ ...APPLIED, kind: 'unchanged' } as const);
    const { out } = await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY });
    expect(out).toBe('Nothing changed: equal to version 3 (pol_1, sha256:00).\n');
  });

  test('a policy that the server refuses ends with 3 too', async () => {
    const applyPolicy = () => Promise.reject(new PlacetError('policy_invalid', { problems: [] }));
    expect((await run(['policy', 'apply', 'p.yaml'], { applyPolicy }, { 'p.yaml': POLICY })).code).toBe(3);
  });

  test.each(['lint', 'apply'])('%s of a file that is not there is one clear line and ends with 1', async (verb) => {
    expect(await run(['policy', verb, 'gone.yaml'])).toEqual({
      code: 1,
      out: '',
      err: 'gone.yaml cannot be read: there is no such file; give the path of a policy file (ENOENT)\n',
    });
  });
});

// Runs a command against plain-object operations and keeps what it printed. Expects nothing itself.

import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/main.ts';
import type { Operations } from '../../src/cli/operations.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import { openProject } from '../../src/process/project-folder.ts';

const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));

/** Operations that nobody expects to be called. */
const idle: Operations = {
  applyPolicy: unexpected('applyPolicy'),
  planPolicy: unexpected('planPolicy'),
  readPolicy: unexpected('readPolicy'),
  listPolicyVersions: unexpected('listPolicyVersions'),
  rollbackPolicy: unexpected('rollbackPolicy'),
  explainPolicy: unexpected('explainPolicy'),
  replayPolicy: unexpected('replayPolicy'),
  setSourceSecret: unexpected('setSourceSecret'),
  removeSourceSecret: unexpected('removeSourceSecret'),
  listSourceSecrets: unexpected('listSourceSecrets'),
  createAgent: unexpected('createAgent'),
  labelAgent: unexpected('labelAgent'),
  rotateAgent: unexpected('rotateAgent'),
  revokeAgent: unexpected('revokeAgent'),
  revokeLease: unexpected('revokeLease'),
  listAgents: unexpected('listAgents'),
  listGroups: unexpected('listGroups'),
  showGroup: unexpected('showGroup'),
  showPerson: unexpected('showPerson'),
  mergePeople: unexpected('mergePeople'),
  moveAccount: unexpected('moveAccount'),
  moveAddress: unexpected('moveAddress'),
  endAddress: unexpected('endAddress'),
  addOwner: unexpected('addOwner'),
  removeOwner: unexpected('removeOwner'),
  listRoleHolders: unexpected('listRoleHolders'),
  createToken: unexpected('createToken'),
  revokeToken: unexpected('revokeToken'),
  listTokens: unexpected('listTokens'),
  listRequests: unexpected('listRequests'),
  showRequest: unexpected('showRequest'),
  listAuditEvents: unexpected('listAuditEvents'),
  verifyAudit: unexpected('verifyAudit'),
  exportAudit: unexpected('exportAudit'),
  reportAudit: unexpected('reportAudit'),
  changeGroup: unexpected('changeGroup'),
  migrate: unexpected('migrate'),
  serve: unexpected('serve'),
  apiUrl: () => 'https://placet.example',
  doctorChecks: unexpected('doctorChecks'),
};

/** Runs one command with the named operations, files and answer at the terminal; gives its exit code and both outputs. */
export async function run(
  command: string[],
  operations: Partial<Operations> = {},
  files: Readonly<Record<string, string>> = {},
  answer: boolean | null = null,
  more: Partial<Io> = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readFile: (path) => {
      const text = files[path];
      if (text !== undefined) return Promise.resolve(new TextEncoder().encode(text));
      return Promise.reject(Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' }));
    },
    confirm:
      answer === null
        ? null
        : async (question) => {
            err += question;
            return answer;
          },
    ask: null,
    project: openProject('.'),
    saveFile: unexpected('saveFile'),
    operator: operatorPrincipal('ops'),
    version: '1.2.3',
    ...more,
  };
  const code = await runCli(command, { operations: { ...idle, ...operations }, io });
  return { code, out, err };
}

// What keeps our hooks in force. Whoever can write a settings file of the CLI, such as the agent itself, could end all hooks
// by it, and the tools that the CLI runs itself would run unasked.
import type { Options } from '@anthropic-ai/claude-agent-sdk';

export type Settings = Exclude<NonNullable<Options['settings']>, string>;

/** Settings of the options count more than those of any file. An administrator's leave the hooks of the SDK in force. */
export const KEPT: Settings = { disableAllHooks: false, env: { CLAUDE_CODE_SIMPLE: '0' } };

/** Arguments of the CLI that end the hooks, or bring settings that may. */
const ENDING = ['bare', 'settings'];

/**
 * The settings of these options with our hooks in force. Throws TypeError for the path of a file, of which nobody knows what it
 * says later, and for arguments that would undo this.
 */
export function withHooks({ settings = {}, extraArgs = {} }: Pick<Options, 'settings' | 'extraArgs'>): Settings {
  const ending = ENDING.find((name) => name in extraArgs);
  if (ending !== undefined) throw new TypeError(`with the argument ${ending} the hooks of approvals could end`);
  const own = typeof settings === 'string' ? parse(settings) : settings;
  return { ...own, ...KEPT, env: { ...own.env, ...KEPT.env } };
}

function parse(text: string): Settings {
  if (!text.trimStart().startsWith('{')) {
    throw new TypeError('settings of a file could end the hooks of approvals: give them as an object');
  }
  return JSON.parse(text);
}

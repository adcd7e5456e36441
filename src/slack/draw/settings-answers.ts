// What is told of a change in Settings: what became of it, or why nothing did. Pure.

import { PlacetError } from '../../domain/errors.ts';
import type { Changed } from '../../service/admin/change-policy.ts';
import { type Block, type Message, paragraph } from './block-kit.ts';
import { cut } from './text.ts';

export type SettingsProblem = 'not_asked' | 'too_large' | 'out_of_date' | 'not_open';

/** An end of the change, a reason of ours why there is none, or what was thrown. */
export type Answer = Changed | SettingsProblem | unknown;

export type SettingsAnswer = { readonly title: string; readonly message: Message };

const LINE_LENGTH_MAX = 700;
const LINES_MAX = 20;

const PROBLEMS: Readonly<Record<SettingsProblem, string>> = {
  not_asked: 'We could not ask Slack about the people or groups in this. Nothing was changed; try again.',
  too_large:
    'This changes more than a window of Slack shows, so nobody could read what they apply. ' +
    'Nothing was changed: change it in the policy file, or in smaller steps.',
  out_of_date: 'This window is out of date. Nothing was changed; open Settings again.',
  not_open: 'We could not open the window in time. Nothing was changed; try again.',
};

/** The words for each. What nobody foresaw is told as such, and is in the log. */
export function answerSettings(of: Answer): SettingsAnswer {
  if (typeof of === 'string' && Object.hasOwn(PROBLEMS, of))
    return answerOf('Nothing was changed', [PROBLEMS[of as SettingsProblem]]);
  if (of instanceof PlacetError) return answerOf('Nothing was changed', refusalLines(of));
  if (isChanged(of)) return answerOf(TITLES[of.kind], changedLines(of));
  return answerOf('Nothing was changed', ['Something went wrong. Look at Settings before you try again.']);
}

const TITLES = { applied: 'Applied', unchanged: 'Nothing was changed', proposed: 'Waiting for approval' } as const;

function isChanged(of: unknown): of is Changed {
  return typeof of === 'object' && of !== null && 'kind' in of && 'plan' in of;
}

function changedLines(changed: Changed): readonly string[] {
  switch (changed.kind) {
    case 'applied':
      return [`Applied as version ${changed.number} of the policy.`];
    case 'unchanged':
      return ['Nothing would change.'];
    case 'proposed':
      return ['Somebody else is asked for approval now. It is applied once they agree.', changed.request_id];
  }
}

function refusalLines({ code, message, details }: PlacetError): readonly string[] {
  switch (code) {
    case 'permission_missing':
      return details['permission'] === 'roles.grant'
        ? ['This gives or takes a role that you may not give or take. Nothing was changed.']
        : ['Your role here does not allow this. Nothing was changed. Roles come from the policy, not from Slack.'];
    case 'policy_changed':
      return [
        'Somebody else changed the policy meanwhile. Nothing was changed; open Settings again. Since then:',
        ...textsOf(details['changes']).map((line) => `• ${line}`),
      ];
    case 'policy_invalid':
      return [
        'The policy would have errors, so nothing was changed:',
        ...problemsOf(details['problems']).map((line) => `• ${line}`),
      ];
    default:
      return [`${message} Nothing was changed.`];
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function problemsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((problem) => {
    const { path, message } = (problem ?? {}) as { readonly path?: unknown; readonly message?: unknown };
    return typeof message === 'string' ? [`${Array.isArray(path) ? path.join('.') : ''}: ${message}`] : [];
  });
}

function answerOf(title: string, lines: readonly string[]): SettingsAnswer {
  const shown = lines.slice(0, LINES_MAX).map((line) => cut(line, LINE_LENGTH_MAX));
  const more = lines.length > LINES_MAX ? [`and ${lines.length - LINES_MAX} more`] : [];
  const blocks: Block[] = [...shown, ...more].map(paragraph);
  return { title, message: { text: shown.join(' '), blocks } };
}

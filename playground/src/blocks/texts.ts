// Text objects, options and confirm dialogs. Limits from https://docs.slack.dev/reference/block-kit/composition-objects.
import { boolean, byType, type Check, isObject, issue, object, oneOf, storedLength, string } from './schema.ts';

function textOf(kinds: ('plain_text' | 'mrkdwn')[], max: number): Check {
  const shapes: Record<string, Check> = {
    plain_text: object({ required: { text: string(Number.MAX_SAFE_INTEGER, 1) }, optional: { emoji: boolean } }),
    mrkdwn: object({ required: { text: string(Number.MAX_SAFE_INTEGER, 1) }, optional: { verbatim: boolean } }),
  };
  const allowed = Object.fromEntries(kinds.map((kind) => [kind, shapes[kind] as Check]));
  const shape = byType(() => allowed);
  return (value, path, issues) => {
    shape(value, path, issues);
    if (!isObject(value) || typeof value['text'] !== 'string') return;
    if (storedLength(value['text'], value['type'] === 'plain_text') > max) {
      issue(issues, `${path}/text`, `must be less than ${max + 1} characters`);
    }
  };
}

/** A plain_text object. */
export function plainText(max: number): Check {
  return textOf(['plain_text'], max);
}

/** A plain_text or mrkdwn object. */
export function anyText(max: number): Check {
  return textOf(['plain_text', 'mrkdwn'], max);
}

/** block_id, action_id, callback_id, external_id. */
export const identifier: Check = string(255);

export const confirmDialog: Check = object({
  required: { title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) },
  optional: { style: oneOf('primary', 'danger') },
});

/** An option; its text is mrkdwn only in checkboxes and radio buttons. */
export function option(text: Check, extra: Record<string, Check> = {}): Check {
  return object({ required: { text, value: string(150) }, optional: { description: anyText(75), ...extra } });
}

// What Slack checks of a modal or Home view.
import type { Json, JsonObject } from '../protocol.ts';
import { blockList } from './layout.ts';
import { boolean, byType, type Check, type Issues, isObject, issue, object, string } from './schema.ts';
import { identifier, plainText } from './texts.ts';

/** Bytes of a whole view as JSON. */
const VIEW_BYTES_MAX = 250_000;

const shared = {
  callback_id: identifier,
  external_id: identifier,
  private_metadata: string(3000),
};

const modal = object({
  required: { title: plainText(24), blocks: blockList('modal') },
  optional: {
    ...shared,
    submit: plainText(24),
    close: plainText(24),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  },
});
const home = object({ required: { blocks: blockList('home') }, optional: shared });

export type ViewFault = { code: 'invalid_arguments' | 'view_too_large'; messages: string[] };

/** The fault in a view of this type, or null. */
export function findViewFault(view: Json, type: 'modal' | 'home'): ViewFault | null {
  if (Buffer.byteLength(JSON.stringify(view)) > VIEW_BYTES_MAX) return { code: 'view_too_large', messages: [] };
  const issues: Issues = [];
  const shape = byType((): Record<string, Check> => (type === 'modal' ? { modal } : { home }));
  shape(view, '/view', issues);
  if (isObject(view) && type === 'modal') inputsNeedSubmit(view, issues);
  return issues.length > 0 ? { code: 'invalid_arguments', messages: issues } : null;
}

function inputsNeedSubmit(view: JsonObject, issues: Issues): void {
  const blocks = view['blocks'];
  if (!Array.isArray(blocks) || view['submit']) return;
  if (blocks.some((block) => isObject(block) && block['type'] === 'input')) {
    issue(issues, '/view', 'missing required field: submit');
  }
}

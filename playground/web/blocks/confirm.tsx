// Slack's confirm dialog before an act. It decides nothing but yes or no.

import type { JsonObject } from '../../src/protocol.ts';
import { Dialog } from '../dialog.tsx';
import { objectAt, textAt, wordsAt } from '../json.ts';
import { TextObject } from './text.tsx';

/** Asks the person once more; Escape and the deny button both mean no. */
export function Confirm({ confirm, onYes, onNo }: { confirm: JsonObject; onYes: () => void; onNo: () => void }) {
  const style = textAt(confirm, 'style') === 'danger' ? 'danger' : 'primary';
  return (
    <Dialog title={wordsAt(confirm, 'title')} testId="confirm" size="small" onClose={onNo}>
      <div class="modal-body">
        <TextObject text={objectAt(confirm, 'text')} />
      </div>
      <footer class="modal-foot">
        <button type="button" class="button button-default" data-testid="confirm-no" onClick={onNo}>
          {wordsAt(confirm, 'deny')}
        </button>
        <button type="button" class={`button button-${style}`} data-testid="confirm-yes" data-autofocus onClick={onYes}>
          {wordsAt(confirm, 'confirm')}
        </button>
      </footer>
    </Dialog>
  );
}

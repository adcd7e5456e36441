// An input block of a modal: label, field, hint, counter, error. It sends nothing unless the app asked to hear of changes.
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { objectAt, textAt, wordsAt } from '../json.ts';
import { Field, isGroup } from './field.tsx';
import { shownValue, useSurface } from './surface.ts';
import { PlainText } from './text.tsx';

/** One labelled input. */
export function InputBlock({ block }: { block: JsonObject }) {
  const surface = useSurface();
  const element = objectAt(block, 'element') ?? {};
  const blockId = textAt(block, 'block_id');
  const actionId = textAt(element, 'action_id');
  const id = `${surface.id}-${blockId}`;
  const error = surface.errors[blockId];
  const hint = wordsAt(block, 'hint');
  const value = shownValue(surface, blockId, element);
  const change = (next: FormValue) => {
    surface.change(blockId, actionId, next);
    // Slack tells the app at once of a choice; of typed text only on Enter, which Field sends as onEnter.
    if (block['dispatch_action'] === true && !isTyped(element)) surface.act(blockId, actionId, next);
  };
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const isOptional = block['optional'] === true;
  const label = (
    <>
      <PlainText text={objectAt(block, 'label')} />
      {isOptional && <span class="optional"> (optional)</span>}
    </>
  );
  return (
    <div
      class={error === undefined ? 'block block-input' : 'block block-input has-error'}
      data-testid={`input-${blockId}`}
    >
      {isGroup(element) ? (
        <div class="label" id={`${id}-label`}>
          {label}
        </div>
      ) : (
        <label class="label" for={id}>
          {label}
        </label>
      )}
      <Field
        id={id}
        label={wordsAt(block, 'label')}
        labelledBy={`${id}-label`}
        element={element}
        value={value}
        onChange={change}
        describedBy={describedBy}
        isInvalid={error !== undefined}
        isRequired={!isOptional}
        onEnter={block['dispatch_action'] === true ? () => surface.act(blockId, actionId, value) : undefined}
      />
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`} data-testid={`error-${blockId}`}>
          {error}
        </p>
      )}
      {hint !== '' && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function isTyped(element: JsonObject): boolean {
  return ['plain_text_input', 'number_input', 'email_text_input', 'url_text_input'].includes(textAt(element, 'type'));
}

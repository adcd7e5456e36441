// Draws one interactive element of a section or actions block and sends its act. Inputs of modals are fields of it too.
import { useState } from 'preact/hooks';
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { listAt, objectAt, textAt, wordsAt } from '../json.ts';
import { Confirm } from './confirm.tsx';
import { Field } from './field.tsx';
import { shownValue, useSurface } from './surface.ts';
import { PlainText } from './text.tsx';

/** An element that acts as soon as it is used. `label` names it for screen readers when it has no words of its own. */
export function Element({ blockId, element, label }: { blockId: string; element: JsonObject; label: string }) {
  const surface = useSurface();
  const actionId = textAt(element, 'action_id');
  const confirm = objectAt(element, 'confirm');
  const [asking, setAsking] = useState<{ value?: FormValue } | null>(null);
  const send = (value?: FormValue) => surface.act(blockId, actionId, value);
  const use = (value?: FormValue) => {
    if (value !== undefined && textAt(element, 'type') !== 'overflow') surface.change(blockId, actionId, value);
    if (confirm === null) send(value);
    else setAsking(value === undefined ? {} : { value });
  };
  return (
    <>
      <Face blockId={blockId} element={element} label={label} use={use} />
      {asking !== null && confirm !== null && (
        <Confirm
          confirm={confirm}
          onYes={() => {
            setAsking(null);
            send(asking.value);
          }}
          onNo={() => setAsking(null)}
        />
      )}
    </>
  );
}

type FaceProps = { blockId: string; element: JsonObject; label: string; use: (value?: FormValue) => void };

function Face({ blockId, element, label, use }: FaceProps) {
  const surface = useSurface();
  switch (textAt(element, 'type')) {
    case 'button':
    case 'workflow_button':
      return <Button blockId={blockId} element={element} use={use} />;
    case 'overflow':
      return <Overflow element={element} use={use} />;
    case 'image':
      return <span class="picture">🖼 {textAt(element, 'alt_text')}</span>;
    default:
      return (
        <Field
          id={`${surface.id}-${blockId}-${textAt(element, 'action_id')}`}
          label={label || wordsAt(element, 'placeholder') || textAt(element, 'action_id')}
          element={element}
          value={shownValue(surface, blockId, element)}
          onChange={use}
        />
      );
  }
}

function Button({ blockId, element, use }: Omit<FaceProps, 'label'>) {
  const surface = useSurface();
  const actionId = textAt(element, 'action_id');
  const isBusy = surface.busy === `${blockId}/${actionId}`;
  const url = textAt(element, 'url');
  const press = () => {
    if (surface.busy !== null) return;
    if (/^https?:/i.test(url)) window.open(url, '_blank', 'noopener,noreferrer');
    use();
  };
  return (
    <button
      type="button"
      class={`button button-${textAt(element, 'style') || 'default'}`}
      data-testid={actionId}
      data-block-id={blockId}
      aria-label={textAt(element, 'accessibility_label') || undefined}
      aria-busy={isBusy}
      // Not `disabled`: that would throw the focus away while the app answers.
      aria-disabled={surface.busy !== null}
      onClick={press}
    >
      <PlainText text={objectAt(element, 'text')} />
      {isBusy && <span class="spinner" aria-hidden="true" />}
    </button>
  );
}

function Overflow({ element, use }: { element: JsonObject; use: (value?: FormValue) => void }) {
  return (
    <details class="overflow">
      <summary class="button button-default" aria-label="More actions" data-testid={textAt(element, 'action_id')}>
        ⋯
      </summary>
      <div class="overflow-menu">
        {listAt(element, 'options').map((option) => (
          <button
            type="button"
            class="overflow-item"
            key={textAt(option, 'value')}
            onClick={(event) => {
              event.currentTarget.closest('details')?.removeAttribute('open');
              use(textAt(option, 'value'));
            }}
          >
            <PlainText text={objectAt(option, 'text')} />
          </button>
        ))}
      </div>
    </details>
  );
}

// The control of an element, on the browser's own inputs: text, number, date, choice. It keeps no value itself.
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { listAt, numberAt, textAt, wordsAt } from '../json.ts';
import { useViewer } from '../viewer.ts';
import { Choices, PickMany, PickOne } from './choice.tsx';
import { type FieldProps, fieldAttributes } from './field-props.ts';

/** Whether the control is a group of boxes, which a label cannot point at. */
export function isGroup(element: JsonObject): boolean {
  const type = textAt(element, 'type');
  return type === 'checkboxes' || type === 'radio_buttons' || type.startsWith('multi_');
}

/** The control for an element of any kind. */
export function Field(props: FieldProps) {
  const { state } = useViewer();
  const people = () => state.users.filter((user) => !user.deleted).map((user) => [user.id, user.real_name] as const);
  const places = () => state.channels.filter((each) => !each.is_im).map((each) => [each.id, `#${each.name}`] as const);
  const options = () => optionsOf(props.element);
  switch (textAt(props.element, 'type')) {
    case 'plain_text_input':
      return <TextField {...props} />;
    case 'number_input':
      return <LineField {...props} type="text" inputMode="decimal" />;
    case 'email_text_input':
      return <LineField {...props} type="email" inputMode="email" />;
    case 'url_text_input':
      return <LineField {...props} type="url" inputMode="url" />;
    case 'datepicker':
      return <LineField {...props} type="date" />;
    case 'timepicker':
      return <LineField {...props} type="time" />;
    case 'static_select':
      return <PickOne {...props} options={options()} />;
    case 'users_select':
      return <PickOne {...props} options={people()} />;
    case 'conversations_select':
    case 'channels_select':
      return <PickOne {...props} options={places()} />;
    case 'multi_static_select':
      return <PickMany {...props} options={options()} />;
    case 'multi_users_select':
      return <PickMany {...props} options={people()} />;
    case 'multi_conversations_select':
    case 'multi_channels_select':
      return <PickMany {...props} options={places()} />;
    case 'radio_buttons':
      return <Choices {...props} type="radio" />;
    case 'checkboxes':
      return <Choices {...props} type="checkbox" />;
    default:
      return <p class="block-unknown">This page cannot draw an element of type “{textAt(props.element, 'type')}”.</p>;
  }
}

function optionsOf(element: JsonObject): (readonly [string, string])[] {
  const groups = listAt(element, 'option_groups').flatMap((group) => listAt(group, 'options'));
  return [...listAt(element, 'options'), ...groups].map((option) => [textAt(option, 'value'), wordsAt(option, 'text')]);
}

function TextField(props: FieldProps) {
  const text = asText(props.value);
  const limit = numberAt(props.element, 'max_length', 0);
  if (props.element['multiline'] !== true) return <LineField {...props} type="text" />;
  return (
    <>
      <textarea
        {...fieldAttributes(props)}
        class="input"
        rows={4}
        value={text}
        placeholder={wordsAt(props.element, 'placeholder')}
        onInput={(event) => props.onChange(event.currentTarget.value || null)}
      />
      <Counter text={text} limit={limit} />
    </>
  );
}

type LineType = 'text' | 'email' | 'url' | 'date' | 'time';

function LineField(props: FieldProps & { type: LineType; inputMode?: 'decimal' | 'email' | 'url' }) {
  const text = asText(props.value);
  return (
    <>
      <input
        {...fieldAttributes(props)}
        class="input"
        type={props.type as 'text'}
        inputMode={props.inputMode}
        value={text}
        placeholder={wordsAt(props.element, 'placeholder')}
        onInput={(event) => props.onChange(event.currentTarget.value || null)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || props.onEnter === undefined) return;
          event.preventDefault();
          props.onEnter();
        }}
      />
      <Counter text={text} limit={numberAt(props.element, 'max_length', 0)} />
    </>
  );
}

/** How many characters are left; Slack counts code points. Shown once the field is half full. */
function Counter({ text, limit }: { text: string; limit: number }) {
  const used = [...text].length;
  if (limit === 0 || used * 2 < limit) return null;
  return (
    <span class={used > limit ? 'counter counter-over' : 'counter'} data-testid="counter">
      {limit - used}
    </span>
  );
}

function asText(value: FormValue): string {
  return typeof value === 'string' ? value : '';
}

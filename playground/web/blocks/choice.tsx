// Choices among options: a select, a list to pick several from, radio buttons and checkboxes.
import type { ComponentChildren } from 'preact';
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { listAt, objectAt, textAt, wordsAt } from '../json.ts';
import { type FieldProps, fieldAttributes } from './field-props.ts';
import { TextObject } from './text.tsx';

type PickProps = FieldProps & { options: (readonly [string, string])[] };

/** One of many, as a native select: works by keyboard everywhere. */
export function PickOne(props: PickProps) {
  const chosen = typeof props.value === 'string' ? props.value : '';
  return (
    <select
      {...fieldAttributes(props)}
      class="input select"
      value={chosen}
      onChange={(event) => props.onChange(event.currentTarget.value || null)}
    >
      <option value="">{wordsAt(props.element, 'placeholder') || 'Select an option'}</option>
      {props.options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** Several of many, as boxes. */
export function PickMany(props: PickProps) {
  const chosen = chosenOf(props.value);
  return (
    <Group {...props}>
      {props.options.map(([value, words]) => (
        <label class="choice" key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => props.onChange(toggled(chosen, value))}
          />
          <span>{words}</span>
        </label>
      ))}
    </Group>
  );
}

/** Radio buttons or checkboxes with their descriptions. */
export function Choices(props: FieldProps & { type: 'radio' | 'checkbox' }) {
  const chosen = chosenOf(props.value);
  return (
    <Group {...props}>
      {listAt(props.element, 'options').map((option) => {
        const value = textAt(option, 'value');
        const next = () => props.onChange(props.type === 'radio' ? value : toggled(chosen, value));
        return (
          <Choice
            key={value}
            name={props.id}
            type={props.type}
            option={option}
            isOn={chosen.includes(value)}
            onChange={next}
          />
        );
      })}
    </Group>
  );
}

type ChoiceProps = {
  name: string;
  type: 'radio' | 'checkbox';
  option: JsonObject;
  isOn: boolean;
  onChange: () => void;
};

function Choice({ name, type, option, isOn, onChange }: ChoiceProps) {
  const description = objectAt(option, 'description');
  return (
    <label class="choice">
      <input type={type} name={name} value={textAt(option, 'value')} checked={isOn} onChange={onChange} />
      <span>
        <TextObject text={objectAt(option, 'text')} />
        {description !== null && (
          <span class="choice-note">
            <TextObject text={description} />
          </span>
        )}
      </span>
    </label>
  );
}

function Group(props: FieldProps & { children: ComponentChildren }) {
  const { name: _, 'aria-required': __, ...attributes } = fieldAttributes(props);
  return (
    <fieldset {...attributes} class="choices" aria-labelledby={props.labelledBy}>
      {props.children}
    </fieldset>
  );
}

function chosenOf(value: FormValue): string[] {
  return Array.isArray(value) ? value : value === null ? [] : [value];
}

function toggled(chosen: string[], value: string): string[] | null {
  const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
  return next.length === 0 ? null : next;
}

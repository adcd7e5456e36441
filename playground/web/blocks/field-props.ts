// What every control of an element is given, and the attributes that tie it to its label, hint and error.
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { textAt } from '../json.ts';

export type FieldProps = {
  id: string;
  label: string;
  element: JsonObject;
  value: FormValue;
  onChange: (value: FormValue) => void;
  labelledBy?: string;
  describedBy?: string;
  isInvalid?: boolean;
  isRequired?: boolean;
  onEnter?: (() => void) | undefined;
};

/** The attributes that tie a control to its label, hint and error. */
export function fieldAttributes(props: FieldProps) {
  return {
    id: props.id,
    name: props.id,
    'aria-label': props.labelledBy === undefined ? props.label : undefined,
    'aria-describedby': props.describedBy || undefined,
    'aria-invalid': props.isInvalid === true ? ('true' as const) : undefined,
    'aria-required': props.isRequired === true ? ('true' as const) : undefined,
    'data-testid': textAt(props.element, 'action_id'),
  };
}

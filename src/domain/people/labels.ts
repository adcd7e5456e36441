// Labels of an agent: what an operator says of it, as names with values, for rules to match. Pure.

import { nameFault } from '../policy/pattern.ts';

/** More is a description, not something that rules go by. */
export const LABELS_MAX = 20;

export type Labels = { readonly [name: string]: string };

/** What is wrong with labels, with what was probably meant; null when they may be given. */
export function labelsFault(labels: Labels): string | null {
  const all = Object.entries(labels);
  if (all.length > LABELS_MAX) return `more than ${LABELS_MAX} labels`;
  for (const [name, value] of all) {
    const fault = nameFault('label', name) ?? nameFault('label', value);
    if (fault !== null) return `${name}=${value}: ${fault}`;
  }
  return null;
}

/** The labels with one more that a text such as `team=payments` says; a text of another form, or a name twice, is the fault. */
export function addLabel(
  labels: Labels,
  text: string,
): { readonly labels: Labels; readonly fault: null } | { readonly fault: string } {
  const at = text.indexOf('=');
  if (at === -1) return { fault: `"${text}" is no label; write it such as team=payments` };
  const name = text.slice(0, at);
  if (Object.hasOwn(labels, name)) return { fault: `"${name}" stands here twice` };
  const more = { ...labels, [name]: text.slice(at + 1) };
  const fault = labelsFault(more);
  return fault === null ? { labels: more, fault } : { fault };
}

// The policy document as a JSON Schema, made from the form that reads it, so that editors complete and check what is written.
// It says the form; what the members mean together is lint's to say.

import { z } from 'zod';
import { policySchema } from './schema.ts';

/** JSON Schema 2020-12 of the document. It refuses nothing that lint takes. */
export function createDocumentSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(policySchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'A policy of Placet', ...schema };
}

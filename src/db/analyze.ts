// Has PostgreSQL look at tables that have grown. A prepared statement keeps the plan that was made of an empty table, which may
// walk all rows of its tenant, until the table is analyzed: autovacuum comes once a minute, this as soon as it is asked.

import type { Tx } from './database.ts';

/** Analyzes the small tables that have doubled since they were analyzed; their names. Nothing while another process does it. */
export async function analyzeGrown(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ analyzed: string[] }>('select placet.analyze_grown() as analyzed');
  return rows[0]?.analyzed ?? [];
}

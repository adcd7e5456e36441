// What several statements ask of a person `p` of people_now, as SQL. Holds no statement.

/** A person that never had an account and never decided. */
export const IS_ADDRESS_ONLY = `
not exists (select from placet.person_identities i where i.tenant_id = p.tenant_id and i.person_id = p.person_id)
and not exists (select from placet.decisions d where d.tenant_id = p.tenant_id and d.person_id = p.person_id)`;

// Looks for a secret in a text in every coat that it may wear there. Knows no product.

/** Enough of a secret to be one, when its ends are lost to the alignment of base64. */
const NEEDLE_CHARACTERS_MIN = 16;

/** The secret as it is, and in base64 and base64url at each alignment, hex and percent-encoding. */
export function coatsOf(secret: string | Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    // The first and last characters also hold bits of the neighbours.
    const inner = (text: string) => text.slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6));
    return [inner(padded.toString('base64')), inner(padded.toString('base64url'))];
  });
  const hex = bytes.toString('hex');
  const percent = (hex.match(/../g) ?? []).map((byte) => `%${byte}`).join('');
  const raw = typeof secret === 'string' ? [secret, encodeURIComponent(secret)] : [bytes.toString('latin1')];
  return [...new Set([...raw, ...aligned, hex, hex.toUpperCase(), percent, percent.toUpperCase()])].filter(
    (coat) => coat.length >= NEEDLE_CHARACTERS_MIN,
  );
}

/** Names of the secrets that stand in the text, whatever they wear. */
export function secretsIn(text: string, secrets: Readonly<Record<string, string | Uint8Array>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    coatsOf(secret).some((coat) => text.includes(coat)) ? [name] : [],
  );
}

/** Everything in a value as one text; bytes as the characters that they encode, also in Buffers and protobuf's objects. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${textOf(member)}`)
    .join('\n');
}

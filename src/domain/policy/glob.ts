// Patterns of actions, resources, agents and environments, and of the glob() of a condition. Pure.

/** True when `text` matches `pattern`, where `*` stands for any run of characters, `/` included. Linear in both. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return pattern === text;
  const last = parts[parts.length - 1] ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** True when some text matches both patterns. As many steps as the product of their lengths. */
export function canBothMatch(a: string, b: string): boolean {
  // From the ends: whether what is left of both patterns, from each place on, can match one text.
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i -= 1) {
    const row: boolean[] = new Array(b.length + 1).fill(false);
    for (let j = b.length; j >= 0; j -= 1) {
      const [one, other] = [a[i], b[j]];
      if (i === a.length && j === b.length) row[j] = true;
      else if (one === '*') row[j] = below[j] === true || row[j + 1] === true;
      else if (other === '*') row[j] = row[j + 1] === true || below[j] === true;
      else row[j] = one !== undefined && one === other && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}

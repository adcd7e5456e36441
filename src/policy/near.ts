// Which of some known names a mistyped one probably is. Pure.

/** More slips than these are another word. */
const SLIPS_MAX = 2;
/** Longer names are none of ours, and comparing them would take long. */
const NAME_CHARACTERS_MAX = 40;

/** The known name that is nearest to another spelling of it; null when none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  if (name.length > NAME_CHARACTERS_MAX) return null;
  const plain = plainly(name);
  const same = known.find((each) => plainly(each) === plain);
  if (same !== undefined) return same;
  const part = plain.length < 4 ? undefined : known.find((each) => plainly(each).startsWith(plain));
  const ranked = known
    .map((each) => ({ each, slips: slipsBetween(plain, plainly(each)) }))
    // In a short word one slip is much already.
    .filter(({ each, slips }) => slips <= Math.min(SLIPS_MAX, Math.ceil(Math.min(each.length, name.length) / 3)))
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.each ?? part ?? null;
}

/** Without what people spell differently: case, dashes and underscores. */
function plainly(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]/g, '');
}

/** Letters added, left out, replaced, or swapped with their neighbour, at least. */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

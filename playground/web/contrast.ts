// How well letters read on a ground, by WCAG 2. Pure.

/** The contrast between two colours, each six hexadecimal digits: from 1 to 21. */
export function contrastBetween(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white, whichever reads better there. One of the two always reaches 4.5. */
export function lettersOn(ground: string): '000000' | 'ffffff' {
  return contrastBetween(ground, '000000') >= contrastBetween(ground, 'ffffff') ? '000000' : 'ffffff';
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((from) => {
    const part = Number.parseInt(color.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return red * 0.2126 + green * 0.7152 + blue * 0.0722;
}

/** The sixteen colours of a terminal as the pictures show them; those of the token classes are the product's own. */

export const BACKGROUND = '#0e1116';
export const FOREGROUND = '#d7dde5';

/** 0–7 normal, 8–15 bright. Green, yellow, magenta, cyan and bright blue are read, output, write 5m, input, write 1h. */
export const PALETTE: readonly string[] = [
  '#3a424d', '#ff6b6b', '#bcf5d3', '#f2a636', '#5aa2f0', '#c75c9c', '#6fb8fa', '#d7dde5',
  '#7d8894', '#ff8a8a', '#d6fae4', '#f7c06f', '#8a6bff', '#dd8bbd', '#9fd0fc', '#ffffff',
];

/** What follows 38 or 48: `5;n` of the 256 colours, or `2;r;g;b`. Null: nothing that is a colour. */
export function colourOf([kind, first = 0, second = 0, third = 0]: readonly number[]): string | null {
  if (kind === 2) return rgb(first, second, third);
  if (kind !== 5) return null;
  if (first < 16) return PALETTE[first] ?? null;
  if (first >= 232) return rgb(...(Array.from({ length: 3 }, () => 8 + (first - 232) * 10) as [number, number, number]));
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = first - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

const rgb = (...parts: [number, number, number]): string => `#${parts.map((part) => Math.min(255, Math.max(0, part)).toString(16).padStart(2, '0')).join('')}`;

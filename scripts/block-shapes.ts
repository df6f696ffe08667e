/** Characters that are shapes rather than letters: which parts of their cell they fill. */
export interface BlockShape {
  /** Shares of the cell, from its left and its top. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly opacity: number;
}

const across = (top: number, bottom: number, opacity = 1): BlockShape => ({ left: 0, right: 1, top, bottom, opacity });

const RULE = { from: 0.47, to: 0.53, opacity: 0.55 };
const rule = (left: number, right: number): BlockShape => ({ left, right, top: RULE.from, bottom: RULE.to, opacity: RULE.opacity });
/** Twice as thick as a share, for a cell is about half as wide as high. */
const post = (top: number, bottom: number): BlockShape => ({ left: 0.44, right: 0.56, top, bottom, opacity: RULE.opacity });

const LOWER_EIGHTHS = Array.from('▁▂▃▄▅▆▇█');

const SHAPES: ReadonlyMap<string, readonly BlockShape[]> = new Map([
  ...LOWER_EIGHTHS.map((character, index): [string, BlockShape[]] => [character, [across(1 - ((index + 1) / 8) * 0.94, 1)]]),
  ['▀', [across(0, 0.5)]],
  // Shades are bars: a little air above and below tells one row's from the next one's.
  ['░', [across(0.06, 0.94, 0.3)]],
  ['▒', [across(0.06, 0.94, 0.55)]],
  ['▓', [across(0.06, 0.94, 0.78)]],
  ['─', [rule(0, 1)]],
  ['│', [post(0, 1)]],
  ['┌', [rule(0.56, 1), post(RULE.from, 1)]],
  ['┐', [rule(0, 0.44), post(RULE.from, 1)]],
  ['└', [rule(0.56, 1), post(0, RULE.to)]],
  ['┘', [rule(0, 0.44), post(0, RULE.to)]],
]);

/** Null: a letter. */
export const blockShapes = (character: string): readonly BlockShape[] | null => SHAPES.get(character) ?? null;

/** All of them, for a regular expression's class of characters. */
export const BLOCK_CHARACTERS = [...SHAPES.keys()].join('');

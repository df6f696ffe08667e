/** What a terminal would show of a text with SGR sequences (colours, bold): rows of styled cells. */
import stringWidth from 'string-width';
import { BACKGROUND, colourOf, FOREGROUND, PALETTE } from './picture-palette.ts';

export interface Style {
  /** CSS colours. */
  readonly colour: string;
  /** Null: the picture's own. */
  readonly background: string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
}

/** Neighbouring cells of one style. */
export interface Run {
  readonly column: number;
  /** In cells. */
  readonly width: number;
  readonly text: string;
  readonly style: Style;
}

interface Pen {
  foreground: string | null;
  background: string | null;
  bold: boolean;
  dim: boolean;
  underline: boolean;
  inverse: boolean;
}

const newPen = (): Pen => ({ foreground: null, background: null, bold: false, dim: false, underline: false, inverse: false });

/** Escape sequences: SGR is obeyed, all others (links, cursor movements) show nothing. */
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001b(?:\[([0-9;:]*)m|\[[0-9;?]*[A-Za-ln-z]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][A-Z0-9])/g;

/** One list of runs for each line. A style lasts over line ends, as on a terminal. */
export function ansiRows(text: string): Run[][] {
  const pen = newPen();
  return text
    .replace(/\r/g, '')
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => rowOf(line, pen));
}

function rowOf(line: string, pen: Pen): Run[] {
  const runs: Run[] = [];
  let column = 0;
  const put = (text: string): void => {
    const width = stringWidth(text);
    if (width === 0) return;
    const style = styleOf(pen);
    const last = runs.at(-1);
    if (last && sameStyle(last.style, style)) runs[runs.length - 1] = { ...last, text: last.text + text, width: last.width + width };
    else runs.push({ column, width, text, style });
    column += width;
  };
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    put(line.slice(from, match.index));
    if (match[1] !== undefined) obey(pen, match[1]);
    from = match.index + match[0].length;
  }
  put(line.slice(from));
  return runs;
}

function obey(pen: Pen, parameters: string): void {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 38 || code === 48) {
      const colour = colourOf(codes.slice(i + 1));
      if (code === 38) pen.foreground = colour;
      else pen.background = colour;
      i += codes[i + 1] === 2 ? 4 : 2;
    } else obeyOne(pen, code);
  }
}

function obeyOne(pen: Pen, code: number): void {
  if (code === 0) Object.assign(pen, newPen());
  else if (code === 1) pen.bold = true;
  else if (code === 2) pen.dim = true;
  else if (code === 4) pen.underline = true;
  else if (code === 7) pen.inverse = true;
  else if (code === 22) Object.assign(pen, { bold: false, dim: false });
  else if (code === 24) pen.underline = false;
  else if (code === 27) pen.inverse = false;
  else if (code === 39) pen.foreground = null;
  else if (code === 49) pen.background = null;
  else if (code >= 30 && code <= 37) pen.foreground = PALETTE[code - 30] ?? null;
  else if (code >= 40 && code <= 47) pen.background = PALETTE[code - 40] ?? null;
  else if (code >= 90 && code <= 97) pen.foreground = PALETTE[code - 82] ?? null;
  else if (code >= 100 && code <= 107) pen.background = PALETTE[code - 92] ?? null;
}

function styleOf({ foreground, background, bold, dim, underline, inverse }: Pen): Style {
  const [front, back] = [foreground ?? FOREGROUND, background];
  return { colour: inverse ? (back ?? BACKGROUND) : front, background: inverse ? front : back, bold, dim, underline };
}

const sameStyle = (a: Style, b: Style): boolean =>
  a.colour === b.colour && a.background === b.background && a.bold === b.bold && a.dim === b.dim && a.underline === b.underline;

/**
 * A terminal's text as an SVG picture: no script, no font of its own. Each run of text has its length set, so that cells
 * align whatever monospace font there is; blocks and rules are drawn as shapes, for fonts draw them with gaps.
 */
import stringWidth from 'string-width';
import { ansiRows, type Run, type Style } from './ansi-cells.ts';
import { BLOCK_CHARACTERS, blockShapes, type BlockShape } from './block-shapes.ts';
import { BACKGROUND } from './picture-palette.ts';

export interface PictureOptions {
  /** In the title bar. */
  readonly title: string;
  /** At least so many cells; longer lines make it wider. */
  readonly columns?: number;
  readonly rows?: number;
}

const CELL = { width: 8.4, height: 18 } as const;
/** From the top of a cell to the foot of its letters. */
const BASELINE = 13.5;
const FONT_SIZE = 14;
const MARGIN = 14;
const BAR = 34;
const FONTS = 'ui-monospace, SFMono-Regular, Menlo, Consolas, &quot;DejaVu Sans Mono&quot;, &quot;Liberation Mono&quot;, monospace';

export function ansiToSvg(ansi: string, { title, columns = 0, rows = 0 }: PictureOptions): string {
  const lines = ansiRows(ansi);
  const widest = Math.max(columns, ...lines.map((runs) => runs.reduce((end, run) => Math.max(end, run.column + run.width), 0)));
  const width = round(widest * CELL.width + 2 * MARGIN);
  const height = round(Math.max(rows, lines.length) * CELL.height + BAR + 2 * MARGIN - 6);
  const body = lines.flatMap((runs, row) => runs.flatMap((run) => drawRun(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="9" fill="${BACKGROUND}"/>
<path d="M0 ${BAR}V9a9 9 0 0 1 9-9H${round(width - 9)}a9 9 0 0 1 9 9V${BAR}Z" fill="#1a1f27"/>
<circle cx="20" cy="17" r="5.5" fill="#3a424d"/><circle cx="38" cy="17" r="5.5" fill="#3a424d"/><circle cx="56" cy="17" r="5.5" fill="#3a424d"/>
<g font-family="${FONTS}" font-size="${FONT_SIZE}" shape-rendering="crispEdges" xml:space="preserve">
<text x="${round(width / 2)}" y="21.5" text-anchor="middle" font-size="12.5" fill="#9aa5b1">${escaped(title)}</text>
${body.join('\n')}
</g>
</svg>
`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
const leftOf = (column: number): number => round(MARGIN + column * CELL.width);
const topOf = (row: number): number => round(BAR + MARGIN - 6 + row * CELL.height);

/** Between blocks and all else, and at wide gaps, so that a word stands where its first cell is. */
const PIECES = new RegExp(`(?<=[${BLOCK_CHARACTERS}])(?![${BLOCK_CHARACTERS}])|(?<![${BLOCK_CHARACTERS}])(?=[${BLOCK_CHARACTERS}])|(?<= {2})(?! )`, 'u');

function drawRun(run: Run, row: number): string[] {
  const parts: string[] = [];
  const { background } = run.style;
  if (background !== null) parts.push(rectangle({ x: leftOf(run.column), y: topOf(row), width: run.width * CELL.width, height: CELL.height }, background));
  let { column } = run;
  for (const piece of run.text.split(PIECES)) {
    const place = { column, row, style: run.style };
    parts.push(...(blockShapes(piece.charAt(0)) === null ? drawText(piece, place) : drawBlocks(piece, place)));
    column += stringWidth(piece);
  }
  return parts;
}

function drawText(piece: string, place: Place): string[] {
  const text = piece.trim();
  if (text === '') return [];
  const column = place.column + (piece.length - piece.trimStart().length);
  const { style } = place;
  const attributes = [
    `x="${leftOf(column)}" y="${round(topOf(place.row) + BASELINE)}" textLength="${round(stringWidth(text) * CELL.width)}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${style.colour}"`,
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.dim ? ['fill-opacity="0.62"'] : []),
    ...(style.underline ? ['text-decoration="underline"'] : []),
  ];
  return [`<text ${attributes.join(' ')}>${escaped(text)}</text>`];
}

interface Place {
  readonly column: number;
  readonly row: number;
  readonly style: Style;
}

/** Equal neighbours that fill their cells from side to side are one shape: a bar has no seams. */
function drawBlocks(piece: string, { column, row, style }: Place): string[] {
  const characters = Array.from(piece);
  const parts: string[] = [];
  for (let from = 0, to = 0; from < characters.length; from = to) {
    const shapes = blockShapes(characters[from] as string) ?? [];
    const joined = shapes.every(({ left, right }) => left === 0 && right === 1);
    for (to = from + 1; joined && characters[to] === characters[from]; ) to++;
    const cells = { x: leftOf(column + from), y: topOf(row), width: (to - from) * CELL.width, height: CELL.height };
    parts.push(...shapes.map((shape) => drawShape(shape, cells, style)));
  }
  return parts;
}

function drawShape({ left, right, top, bottom, opacity }: BlockShape, box: Box, style: Style): string {
  const [x, y] = [box.x + left * box.width, box.y + top * box.height];
  return rectangle({ x, y, width: (right - left) * box.width, height: (bottom - top) * box.height }, style.colour, opacity * (style.dim ? 0.62 : 1));
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function rectangle({ x, y, width, height }: Box, fill: string, opacity = 1): string {
  const faint = opacity === 1 ? '' : ` fill-opacity="${round(opacity)}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${faint}/>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no way to name control characters, so they are left out. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string).replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '');
}

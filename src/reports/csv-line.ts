/** Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. */

export type CsvCell = string | number | bigint | boolean | null;

/** What makes a spreadsheet take a cell for a formula: OWASP's list (CSV Injection), full-width forms included. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const QUOTED = /[",\r\n]/;

/**
 * One line with its CRLF. Null is an empty cell. Numbers stay as they are; a text that a spreadsheet would run gets an
 * apostrophe in front, so a program that needs every byte reads the JSON form instead.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

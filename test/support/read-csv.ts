/** A reader of RFC 4180, written apart from the writer: lines end by CRLF, a quoted cell may hold anything. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const { cell, end } = text[at] === '"' ? quotedCell(text, at + 1) : plainCell(text, at);
    row.push(cell);
    if (text[end] === ',') at = end + 1;
    else if (text.startsWith('\r\n', end)) {
      rows.push(row);
      row = [];
      at = end + 2;
      continue;
    } else throw new Error(`neither a comma nor CRLF at ${end}: ${JSON.stringify(text.slice(end, end + 20))}`);
    if (text.startsWith('\r\n', at)) {
      rows.push([...row, '']);
      row = [];
      at += 2;
    }
  }
  if (row.length > 0) throw new Error('the last line does not end');
  return rows;
}

/** The rows as records, by the names in the header line. */
export function readCsvRecords(text: string): Record<string, string>[] {
  const [head = [], ...rows] = readCsv(text);
  return rows.map((row) => {
    if (row.length !== head.length) throw new Error(`${row.length} cells below ${head.length} names`);
    return Object.fromEntries(head.map((name, i) => [name, row[i] as string]));
  });
}

function quotedCell(text: string, from: number): { cell: string; end: number } {
  let cell = '';
  for (let at = from; at < text.length; at++) {
    if (text[at] !== '"') cell += text[at];
    else if (text[at + 1] === '"') {
      cell += '"';
      at++;
    } else return { cell, end: at + 1 };
  }
  throw new Error('a quoted cell does not end');
}

function plainCell(text: string, from: number): { cell: string; end: number } {
  const found = /[,"\r\n]/.exec(text.slice(from));
  const end = from + (found?.index ?? text.length - from);
  return { cell: text.slice(from, end), end };
}

/** Text for terminals without Unicode: ASCII alone, in exactly as many cells. */
import { cellsOf } from './cell-width.ts';

const STAND_INS: Readonly<Record<string, string>> = {
  '…': '~',
  '—': '-',
  '–': '-',
  '·': '.',
  '●': '*',
  '○': 'o',
  '×': 'x',
  '→': '>',
  '↑': '^',
  '↓': 'v',
  '▲': '^',
  '▼': 'v',
  '⏎': '<',
  '✓': 'x',
  '“': '"',
  '”': '"',
  '’': "'",
  '─': '-',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '├': '+',
  '┤': '+',
};

/** Letters lose their marks; what has no stand-in becomes `?` in each of its cells. */
export function asciiOf(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return cellsOf(text)
    .map((cell) => {
      if (/^[\x20-\x7e]$/.test(cell.text)) return cell.text;
      const letter = STAND_INS[cell.text] ?? cell.text.normalize('NFKD').replace(/\p{M}/gu, '');
      return /^[\x20-\x7e]+$/.test(letter) && letter.length === cell.width ? letter : '?'.repeat(cell.width);
    })
    .join('');
}

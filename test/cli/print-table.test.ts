import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { printTable } from '../../src/cli/print-table.ts';
import type { Column } from '../../src/cli/print-table.ts';
import { printable } from '../../src/printable.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly amount: string;
}

const ROWS: Row[] = [
  { id: 'buyer_1', name: 'a', amount: '1.00' },
  { id: 'buyer_2', name: 'a name of some length, longer than most', amount: '1234.00' },
];
const COLUMNS: Column<Row>[] = [
  { title: 'id', field: 'buyerId', cell: (row) => row.id },
  { title: 'name', cell: (row) => row.name, shrink: true },
  { title: 'amount', cell: (row) => row.amount, raw: (row) => `${row.amount}0000`, align: 'right' },
  { title: 'extra', cell: () => 'extra words', drop: 1 },
];

function print(columns: number | null, rows: Row[] = ROWS): string {
  let out = '';
  const sink = {
    isTTY: columns !== null,
    columns: columns ?? 80,
    write: (text: string) => {
      out += text;
    },
  };
  const ctx: CliContext = { env: { NO_COLOR: '1' }, cwd: '/', stdout: sink, stderr: sink, interactive: false, ask: async () => false, now: Date.now };
  printTable(ctx, COLUMNS, rows);
  return out;
}

describe('a table', () => {
  it('is aligned on a terminal, numbers to the right', () => {
    expect(print(100)).toBe(
      [
        'id       name                                      amount  extra',
        'buyer_1  a                                           1.00  extra words',
        'buyer_2  a name of some length, longer than most  1234.00  extra words',
        '',
      ].join('\n'),
    );
  });

  it('drops columns and then shortens names on a narrow terminal, never ids or numbers', () => {
    expect(print(60)).not.toContain('extra');
    expect(print(60)).toContain('longer than most');
    const narrow = print(34);
    expect(narrow).toContain('a name of some …');
    expect(narrow).toContain('buyer_2');
    expect(narrow).toContain('1234.00');
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(34);
  });

  it('is tab-separated with a header of field names in a pipe', () => {
    expect(print(null)).toBe('buyerId\tname\tamount\textra\nbuyer_1\ta\t1.000000\textra words\nbuyer_2\ta name of some length, longer than most\t1234.000000\textra words\n');
  });

  it('is only a header in a pipe when empty, and nothing on a terminal', () => {
    expect(print(null, [])).toBe('buyerId\tname\tamount\textra\n');
    expect(print(80, [])).toBe('');
  });

  it('counts wide characters as two columns', () => {
    for (const line of print(30, [{ id: 'buyer_1', name: '日本語の名前はとても長い', amount: '1' }]).split('\n')) {
      const width = Array.from(line).reduce((sum, character) => sum + (/[\u3000-\u9fff]/.test(character) ? 2 : 1), 0);
      expect(width).toBeLessThanOrEqual(30);
    }
  });

  it('shows what would steer the terminal as an escape', () => {
    expect(printable('a\u001b[2Jb\u202ec\nd')).toBe('a\\u001b[2Jb\\u202ec\\u000ad');
    expect(printable('Ångström 日本 😀')).toBe('Ångström 日本 😀');
  });
});

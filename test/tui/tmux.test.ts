/** `ainogap top` as it was built, in a real terminal, beside a running `serve`: what is on the screen, and what it leaves. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BUYER, LAUNCHER, NEW_MODEL, startProduct, type Product } from '../support/product.ts';
import { hasTmux, PROMPT, startTmux, type TmuxShell } from '../support/tmux.ts';

if (!hasTmux) console.warn('tmux is not installed: `ainogap top` is NOT tried in a real terminal');

const BEFORE = 'what was here before';
const SIZES = [
  [40, 20],
  [80, 24],
  [120, 36],
  [200, 50],
] as const;

let product: Product;
let shell: TmuxShell;

async function ask(key: string = product.key): Promise<void> {
  const body = JSON.stringify({ model: NEW_MODEL, max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] });
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
  const response = await fetch(`${product.baseUrl}/v1/messages`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  expect(response.status).toBe(200);
}

/** A shell with something on its screen, and the view opened from it. */
async function open(size: readonly [number, number] = [80, 24], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [columns, rows] = size;
  shell = await startTmux({ columns, rows, cwd: product.folder, env: { ...product.env, NO_COLOR: '', ...env } });
  shell.type(`clear; echo ${BEFORE}; sh -c 'echo $$ > pid; exec ${process.execPath} ${LAUNCHER} top'; echo "it ended with $?"`);
  shell.press('Enter');
  // The first figures are there.
  await shell.until(/●[^]*tok\/s[^]*acme/);
}

/** The shell is as it was: its text, its cursor, its echo. */
async function expectRestored(said: RegExp): Promise<void> {
  await shell.until(new RegExp(`^${BEFORE}[^]*^${PROMPT}$`, 'm'));
  const screen = shell.screen();
  // Neither React nor Ink nor anything else has said a word; a shell names the signal.
  expect(screen.split(`${BEFORE}\n`).at(-1)?.split(PROMPT)[0]?.trim()).toMatch(said);
  expect(shell.ask('#{cursor_flag} #{alternate_on} #{mouse_any_flag}')).toBe('1 0 0');
  shell.type('stty -a | grep -ow -e "-\\?echo" -e "-\\?icanon" -e "-\\?isig"');
  shell.press('Enter');
  await shell.until(/^(isig|icanon|echo)\n(isig|icanon|echo)\n(isig|icanon|echo)$/m);
}

const signal = (name: NodeJS.Signals | 0): boolean => process.kill(Number(fs.readFileSync(path.join(product.folder, 'pid'), 'utf8')), name);

describe.skipIf(!hasTmux)(hasTmux ? 'in tmux' : 'SKIPPED, because tmux is not installed: the view in a real terminal', () => {
  beforeAll(async () => {
    product = await startProduct();
    await ask();
    await ask();
  });
  afterAll(async () => await product.stop());
  afterEach(() => shell.kill());

  test.each(SIZES)('every view opens by its number at %i × %i and fits', async (columns, rows) => {
    await open([columns, rows]);
    const views: readonly (readonly [string, string])[] = [
      ['2', '1 buyer   balance'],
      ['3', 'last 60 min'],
      ['4', 'live   0 revoked'],
      ['5', ' open'],
      ['6', 'last 5 min'],
      ['1', 'tok/s'],
    ];
    for (const [key, content] of views) {
      shell.press(key);
      await shell.until(new RegExp(`\\[${key}[^\\]]*\\]`));
      const lines = (await shell.until(content)).split('\n');
      expect(lines[0]).toMatch(new RegExp(`\\[${key}[^\\]]*\\]`));
      expect(lines[rows - 1]).toContain('q quit');
    }
  });

  test('a buyer, a receipt and a top-up, which the ledger has once', async () => {
    await open();
    shell.press('2', 'Enter');
    await shell.until(`Buyer ${BUYER}`);
    await shell.until('settled');
    shell.press('Enter');
    await shell.until('write 5m');
    shell.press('x');
    await shell.until('held before it went upstream');
    shell.press('Escape');
    await shell.until(`Buyer ${BUYER}`);
    shell.press('t');
    await shell.until('Amount in USDC');
    shell.type('12.50');
    shell.press('Enter');
    await shell.until(/balance [\d.]+ → [\d.]+/);
    shell.press('Enter', 'Enter', 'Enter');
    const done = await shell.until(/\+12\.500000 USDC {2}balance .*ledger #\d+/);
    const transferId = /ledger #(\d+)/.exec(done)?.[1];
    shell.press('q');
    await shell.until('it ended with 0');
    const deposits = product.read((db) => db.prepare("SELECT CAST(id AS TEXT) AS id FROM transfers WHERE amount = 12500000 AND reference LIKE 'top_%'").all());
    expect(deposits).toEqual([{ id: transferId }]);
  });

  test('a rotated key is shown once, works, and is then nowhere on the screen', async () => {
    await open();
    shell.press('4', 'r');
    await shell.until('Rotate key');
    shell.press('Enter');
    const secret = /rk_\w{36}/.exec(await shell.until(/rk_\w{36}/))?.[0] as string;
    shell.press('Enter', 'q');
    shell.resize(100, 30);
    await shell.until('only once');
    expect(shell.screen()).toContain(secret);
    shell.press('y', 'Enter');
    await shell.untilNot(secret);
    shell.press('1');
    await shell.until('tok/s');
    shell.press('q');
    await shell.until('it ended with 0');
    expect(shell.everything()).not.toContain(secret);
    await ask(secret);
  });

  test('a resize in the middle redraws to the new size, larger and smaller', async () => {
    await open([120, 36]);
    for (const [columns, rows] of [[200, 50], [60, 15], [80, 24]] as const) {
      shell.resize(columns, rows);
      await shell.until(new RegExp(`^(.*\\n){${rows - 1}}.*(q quit|\\? help).*\\n$`));
      const lines = shell.screen().split('\n');
      expect(lines[0]).toMatch(/\[1 Over/);
      expect(lines.filter((line) => /q quit|\? help/.test(line))).toHaveLength(1);
    }
  });

  test('each frame is one synchronised update, and the screen is never blank between two', async () => {
    await open();
    const file = path.join(product.folder, 'written');
    shell.record(file);
    for (const key of ['2', '3', '4', '5', '6', '1']) {
      shell.press(key);
      await shell.until(`[${key}`);
    }
    await vi.waitFor(() => expect(fs.readFileSync(file, 'latin1').split('\u001b[?2026l').length).toBeGreaterThan(6), 5_000);
    const written = fs.readFileSync(file, 'latin1');
    // The first and the last piece may be parts of a frame.
    const pieces = written.split('\u001b[?2026l').slice(1, -1);
    expect(pieces.map((piece) => piece.split('\u001b[?2026h')[0])).toEqual(pieces.map(() => ''));
    expect(written).not.toContain('\u001b[2J');
  });

  test('NO_COLOR takes the colours and leaves the inverse and bold away too', async () => {
    await open([80, 24], { NO_COLOR: '1' });
    expect(shell.colours()).not.toContain('\u001b[');
    shell.kill();
    await open();
    expect(shell.colours()).toContain('\u001b[36m');
  });

  test.each([
    'q',
    'C-c',
  ])('%s leaves the terminal as it was', async (key) => {
    await open();
    shell.press(key);
    await expectRestored(/^it ended with 0$/);
  });

  test.each([
    ['SIGTERM', /^(Terminated\s+)?it ended with 143$/],
    ['SIGHUP', /^(Hangup\s+)?it ended with 129$/],
    // Interrupts the whole line of commands, as it should.
    ['SIGINT', /^$/],
  ] as const)('%s restores the terminal, and the shell sees what ended it', async (name, said) => {
    await open();
    signal(name);
    await expectRestored(said);
  });

  test('an error that nobody caught is told after the terminal is restored', async () => {
    shell = await startTmux({ columns: 100, rows: 30, cwd: product.folder, env: product.env });
    shell.type(`clear; echo ${BEFORE}; ${process.execPath} ${path.join(import.meta.dirname, 'crash-child.ts')}; echo "it ended with $?"`);
    shell.press('Enter');
    await shell.until('tok/s');
    await expectRestored(/Error: broken within[^]*^it ended with 1$/m);
  });

  test('it ends when its terminal goes away', async () => {
    await open();
    shell.kill();
    await vi.waitFor(() => expect(() => signal(0)).toThrow('ESRCH'), { timeout: 10_000 });
  });

  test.each([
    ['Ctrl-Z', () => shell.press('C-z')],
    ['SIGTSTP', () => signal('SIGTSTP')],
  ])('%s gives the shell its terminal back, and fg draws the view again', async (_name, stop) => {
    await open();
    stop();
    const screen = await shell.until(new RegExp(`^${PROMPT}$`, 'm'));
    expect(screen).toContain(BEFORE);
    shell.type('fg');
    shell.press('Enter');
    await shell.until('q quit');
    shell.press('2');
    await shell.until('[2 Buyers]');
    shell.press('q');
    await shell.untilNot('[2 Buyers]');
  });
});

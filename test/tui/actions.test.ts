/** What an operator does from the view: what is asked first, what is done, and how often. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeOperator, SECRET, type FakeOperator } from './fake-operator.ts';
import { ENTER, ESCAPE, openReadScreen, type Screen, type ScreenOptions } from './screen.ts';

let operator: FakeOperator;
let screen: Screen;

beforeEach(() => {
  operator = createFakeOperator();
});
afterEach(() => screen.close());

const open = async (options: Omit<ScreenOptions, 'operator'> = {}): Promise<Screen> => (screen = await openReadScreen({ operator, ...options }));

it('a top-up asks twice, shows what becomes of the balance, and is made once', async () => {
  await open({ view: 'buyers' });
  await screen.type('t', '100');
  await screen.shows('100');
  await screen.type(ENTER);
  await screen.shows(/18\.75 → 118\.75/);
  expect(operator.calls).toEqual([]);
  operator.outcome = { ok: true, text: 'orbit  +100.000000 USDC  ledger #7' };
  await screen.type(ENTER, ENTER, ENTER);
  await screen.shows('ledger #7');
  expect(operator.calls).toEqual([['topUp', { buyerId: 2, amount: 100_000_000n, reference: expect.stringMatching(/^top_/) as string }]]);
});

it('a pasted amount is an amount, and a pasted Enter is not a yes', async () => {
  await open({ view: 'buyers' });
  await screen.type('t');
  screen.paste('12.34\r\r\r');
  await screen.shows('12.34');
  expect(screen.state().dialog).toMatchObject({ amount: '12.34', confirming: false });
});

it('a refused top-up says why and stays open', async () => {
  await open({ view: 'buyers' });
  operator.outcome = new Error('the disk is full');
  await screen.type('t', '1', ENTER, ENTER);
  await screen.shows('the disk is full');
  expect(screen.state().dialog).not.toBeNull();
});

it('a new key is on the screen until it is said to be stored, then gone from screen and state', async () => {
  await open({ view: 'keys' });
  await screen.type('/', 'ci', ENTER, 'r');
  await screen.shows('Rotate key “ci” of acme?');
  await screen.type('y');
  await screen.shows(SECRET);
  expect(screen.text()).toContain('It is shown only once');
  await screen.type(ENTER, ESCAPE, 'q');
  expect(screen.text()).toContain(SECRET);
  await screen.type('y', ENTER);
  await screen.hasNot(SECRET);
  expect(JSON.stringify(screen.state())).not.toContain(SECRET);
  expect(operator.calls).toEqual([['rotateKey', 2]]);
});

it('a new key stays in one piece on a narrow screen', async () => {
  await open({ view: 'keys', columns: 40, rows: 20 });
  await screen.type('r', 'y');
  await screen.shows(SECRET);
});

it('revokes a key and disables a buyer after a yes, and not after Esc', async () => {
  await open({ view: 'keys' });
  await screen.type('/', 'agents', ENTER, 'v');
  await screen.shows('agents');
  await screen.type(ESCAPE);
  expect(operator.calls).toEqual([]);
  await screen.type('v', 'y');
  await screen.shows('it was done');
  await screen.type('2', 'd', 'y');
  await vi.waitFor(() => expect(operator.calls).toEqual([['revokeKey', 5], ['setBuyerDisabled', 2, true]]));
});

it('reads at once after it has acted', async () => {
  await open({ view: 'buyers', intervalMs: 60_000 });
  const reads = operator.reads();
  await screen.type('d', 'y');
  await screen.shows('it was done');
  expect(operator.reads()).toBe(reads + 1);
});

it('does nothing any more when the view is left before its turn: a new key would be shown to nobody', async () => {
  await open({ view: 'keys' });
  await screen.type('r');
  await screen.shows('Rotate key');
  // In one turn, as when a terminal closes.
  void screen.type('y');
  screen.close();
  await screen.left;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(operator.calls).toEqual([]);
});

it('what is typed while a busy database keeps it waiting does not answer the next dialog', async () => {
  await open({ view: 'keys' });
  const rotate = operator.rotateKey.bind(operator);
  operator.rotateKey = (keyId) => {
    // The terminal's buffer is read when the wait is over.
    setImmediate(() => void screen.type('y', ENTER));
    return rotate(keyId);
  };
  await screen.type('r', 'y');
  await screen.shows(SECRET);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(screen.state().dialog).toMatchObject({ kind: 'newKey', stored: false });
});

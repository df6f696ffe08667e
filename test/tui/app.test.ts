/** The view as its operator has it: keys in, frames out, and what was asked to be done. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatRequestId } from '../../src/ids.ts';
import type { LiveRequest } from '../../src/reports/live/snapshot.ts';
import { busySnapshot } from '../support/live-snapshots.ts';
import { createFakeOperator, type FakeOperator } from './fake-operator.ts';
import { DOWN, ENTER, ESCAPE, openReadScreen, openScreen, type Screen, type ScreenOptions } from './screen.ts';

const idOf = (request: LiveRequest | undefined): string => (request === undefined ? '' : formatRequestId(request.requestId));
const ENDED = busySnapshot().requests.ended;
const SETTLED = idOf(ENDED.find(({ failed }) => !failed));
const FAILED = idOf(ENDED.find(({ failed }) => failed));

let operator: FakeOperator;
let screen: Screen;

beforeEach(() => {
  operator = createFakeOperator();
});
afterEach(() => screen.close());

const open = async (options: Omit<ScreenOptions, 'operator'> = {}): Promise<Screen> => (screen = await openReadScreen({ operator, ...options }));

describe('the frame', () => {
  it('fills the terminal and follows its size at once', async () => {
    await open({ columns: 100, rows: 30 });
    expect(screen.text().split('\n')).toHaveLength(30);
    for (const [columns, rows] of [[40, 20], [200, 50], [80, 24]] as const) {
      screen.resize(columns, rows);
      await vi.waitFor(() => expect(screen.text().split('\n')).toHaveLength(rows));
      const lines = screen.text().split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('is not drawn again when nothing changed', async () => {
    await open({ intervalMs: 200 });
    const [frames, reads] = [screen.frames(), operator.reads()];
    await vi.waitFor(() => expect(operator.reads()).toBeGreaterThan(reads + 2));
    expect(screen.frames()).toBe(frames);
  });

  it('shows its layout before the first figures have come', () => {
    screen = openScreen({ operator });
    expect(screen.text()).toContain('ainogap');
    expect(screen.text().split('\n')).toHaveLength(30);
  });

  it('draws new figures when they have come', async () => {
    await open({ view: 'buyers' });
    const next = busySnapshot();
    operator.next = { ...next, buyers: next.buyers.map((buyer) => (buyer.name === 'acme' ? { ...buyer, name: 'acme-2' } : buyer)) };
    await screen.shows('acme-2');
  });
});

describe('reading', () => {
  it('keeps the old figures when a reading fails, says so, and goes on', async () => {
    await open({ view: 'buyers' });
    operator.next = new Error('the database is locked');
    await screen.shows(/stale|as of 12:04:17/);
    expect(screen.text()).toContain('zephyr');
    operator.next = busySnapshot();
    await screen.hasNot(/stale|as of 12:04:17/);
  });

  it('says why when even the first reading fails', async () => {
    operator.next = new Error('the database is locked');
    screen = openScreen({ operator });
    await screen.shows('the database is locked');
  });

  it('stops while it is paused and begins at once when it goes on', async () => {
    await open();
    await screen.type('p');
    await screen.shows('paused');
    const reads = operator.reads();
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(operator.reads()).toBe(reads);
    await screen.type('p');
    await vi.waitFor(() => expect(operator.reads()).toBeGreaterThan(reads));
    await screen.hasNot('paused');
  });

  it('shows its interval, which + and - change', async () => {
    await open({ intervalMs: 500 });
    await screen.type('+');
    await screen.shows(/1(\.0)? ?s/);
    expect(screen.state().intervalMs).toBe(1_000);
    await screen.type('-', '-');
    expect(screen.state().intervalMs).toBe(200);
  });
});

describe('views and lists', () => {
  it.each([
    ['2', 'lumen'],
    ['3', 'claude-haiku-4-5'],
    ['4', 'old laptop'],
    ['5', FAILED],
    ['6', 'degraded'],
  ])('key %s opens the view that has %j', async (key, content) => {
    await open();
    await screen.type(key);
    await screen.shows(content);
    await screen.type('1');
    await screen.shows('write 1h');
  });

  it('Tab and Shift-Tab go round', async () => {
    await open();
    await screen.type('\t');
    expect(screen.state().view).toBe('buyers');
    await screen.type('\u001b[Z', '\u001b[Z');
    expect(screen.state().view).toBe('upstreams');
  });

  it('moves a cursor that stays on its row', async () => {
    await open({ view: 'buyers' });
    await screen.shows(/^> orbit/m);
    await screen.type(DOWN);
    await screen.shows(/^> acme/m);
    await screen.type('G');
    await screen.shows(/^> lumen/m);
    await screen.type('k', 'g');
    await screen.shows(/^> orbit/m);
  });

  it('filters as it is typed, also several characters at once, and shows all again after Esc', async () => {
    await open({ view: 'buyers' });
    await screen.type('/', 'ze');
    await screen.hasNot('orbit');
    expect(screen.text()).toContain('zephyr');
    await screen.type(ENTER, ESCAPE);
    await screen.shows('orbit');
  });

  it('filters by what is pasted', async () => {
    await open({ view: 'buyers' });
    await screen.type('/');
    screen.paste('kite\n');
    await screen.hasNot('orbit');
    expect(screen.state().filtering).toBe(true);
  });

  it('sorts by the column whose letter follows s', async () => {
    await open({ view: 'buyers' });
    const order = (): string[] => [...screen.text().matchAll(/acme|kite|lumen|orbit|zephyr/g)].map(([name]) => name);
    const byUrgency = order();
    await screen.type('s', 'b');
    expect(screen.state().lists.buyers.sort).toEqual({ column: 'b', descending: false });
    expect(order()).toEqual(['acme', 'kite', 'lumen', 'orbit', 'zephyr']);
    await screen.type('s', 'b');
    expect(order()).toEqual(['zephyr', 'orbit', 'lumen', 'kite', 'acme']);
    expect(byUrgency).toHaveLength(5);
  });

  it('shows only failed requests after e', async () => {
    await open({ view: 'live' });
    await screen.shows(SETTLED);
    await screen.type('e');
    await screen.hasNot(SETTLED);
    expect(screen.text()).toContain(FAILED);
  });
});

describe('details', () => {
  it("opens a buyer, a request's receipt, its story and its JSON, and goes back", async () => {
    await open({ view: 'buyers' });
    await screen.type(ENTER);
    await screen.shows('Buyer orbit');
    await screen.shows(SETTLED.slice(-8));
    await screen.type(ENTER);
    await screen.shows('the receipt');
    await screen.type('x');
    await screen.shows('the story');
    await screen.type('j');
    await screen.shows('"the": "document"');
    await screen.type(ESCAPE, ESCAPE);
    await screen.shows(/^> orbit/m);
  });

  it.each([
    ['nothing is recorded of it', null],
    ['only its story is', { receipt: [], explain: ['it runs'], json: [] }],
  ])('shows a receipt as soon as a running request has one, when %s before', async (_, before) => {
    operator.requestDetail = before;
    await open({ view: 'live' });
    await screen.type(ENTER);
    await screen.shows('It still runs');
    operator.requestDetail = { receipt: ['settled at last'], explain: [], json: [] };
    await screen.shows('settled at last');
  });

  it("copies a request's id through the terminal", async () => {
    await open({ view: 'live' });
    await screen.type(ENTER, 'c');
    const copied = screen.written().split('\u001b]52;c;')[1]?.split('\u0007')[0] ?? '';
    expect(Buffer.from(copied, 'base64').toString()).toMatch(/^req_\w{13}$/);
  });
});

describe('help and leaving', () => {
  it('finds keys by what is typed', async () => {
    await open();
    await screen.type('?', 'rotat');
    await screen.shows(/replace the key/);
    await screen.hasNot('clipboard');
    await screen.type(ESCAPE);
    await screen.shows('write 1h');
  });

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ])('%s leaves; what is typed after it does nothing', async (_name, key) => {
    await open({ view: 'buyers' });
    // In one piece, as from a terminal that was typed into faster than it was read.
    await screen.type(`${key}dy`);
    await screen.left;
    const reads = operator.reads();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect({ calls: operator.calls, reads: operator.reads() }).toEqual({ calls: [], reads });
  });

  it('gives the terminal back for Ctrl-Z and draws again afterwards', async () => {
    await open();
    await screen.type('\u001a');
    await vi.waitFor(() => expect(screen.pauses()).toBe(1));
    await screen.type('2');
    await screen.shows('lumen');
  });
});

import { describe, expect, test } from 'vitest';
import { formatRequestId } from '../../src/ids.ts';
import { renderFrame } from '../../src/tui/frame.ts';
import { columnsOf, sortOf, visibleItems } from '../../src/tui/lists.ts';
import { createStyle } from '../../src/tui/style.ts';
import { VIEWS } from '../../src/tui/view-state.ts';
import type { View, ViewState } from '../../src/tui/view-state.ts';
import { extremeSnapshot } from '../support/extreme-snapshot.ts';
import { busySnapshot } from '../support/live-snapshots.ts';
import { looking, withList } from './states.ts';

const ids = (state: ViewState, snapshot = busySnapshot()): string[] => visibleItems(snapshot, state).map(({ id }) => id);
const sorted = (view: View, column: string, descending: boolean): string[] => ids(withList(looking(view), { sort: { column, descending } }));
const filtered = (view: View, filter: string): string[] => ids(withList(looking(view), { filter }));
const head = (state: ViewState, columns = 120): string => renderFrame({ snapshot: busySnapshot(), state, columns, rows: 12 }, createStyle({ colourLevel: 0, unicode: true }))[2] ?? '';

describe('the order when none was chosen', () => {
  test('buyers: who is empty soonest, those that spend nothing last', () => {
    expect(ids(looking('buyers'))).toEqual(['buyer_2', 'buyer_1', 'buyer_3', 'buyer_4', 'buyer_5']);
    expect(ids(looking('overview'))).toEqual(ids(looking('buyers')));
  });
  test('keys: who spends most', () => {
    expect(ids(looking('keys'))).toEqual(['key_4', 'key_1', 'key_3', 'key_5', 'key_2', 'key_6', 'key_7']);
  });
  test('routes: by alias, then model', () => {
    expect(ids(looking('routes'))).toEqual(['claude-fast claude-haiku-4-5', 'claude-fast claude-sonnet-4-6', 'claude-opus ']);
  });
  test('live requests: those that run, newest first, then those that ended, newest first', () => {
    const { open, ended } = busySnapshot().requests;
    const shuffled = { ...busySnapshot(), requests: { ...busySnapshot().requests, open: open.toReversed(), ended: ended.toReversed() } };
    expect(ids(looking('live'), shuffled)).toEqual([...open, ...ended].map(({ requestId }) => formatRequestId(requestId)));
  });
  test('upstreams: the worst first', () => {
    expect(ids(looking('upstreams'))).toEqual(['anthropic-b', 'anthropic-a']);
  });
});

describe('a chosen column', () => {
  test('sorts in both directions, money as money and not as text', () => {
    expect(sorted('buyers', 'a', true)).toEqual(['buyer_3', 'buyer_4', 'buyer_1', 'buyer_2', 'buyer_5']);
    expect(sorted('buyers', 'a', false)).toEqual(['buyer_5', 'buyer_2', 'buyer_1', 'buyer_4', 'buyer_3']);
    expect(sorted('buyers', 'b', false)).toEqual(['buyer_1', 'buyer_4', 'buyer_5', 'buyer_2', 'buyer_3']);
  });
  test('has what is unknown last either way', () => {
    expect(sorted('buyers', 'e', true).at(-1)).toBe('buyer_5');
    expect(sorted('buyers', 'e', false).at(-1)).toBe('buyer_5');
  });
  test('keeps the default order among equals', () => {
    expect(sorted('keys', 'b', false)).toEqual(['key_1', 'key_2', 'key_5', 'key_6', 'key_7', 'key_3', 'key_4']);
    expect(sorted('buyers', 'k', true).slice(0, 2)).toEqual(['buyer_1', 'buyer_4']);
  });
  test('each of each view orders every row, by its own values', () => {
    for (const view of VIEWS)
      for (const { letter } of columnsOf(view)) {
        const [up, down] = [sorted(view, letter, false), sorted(view, letter, true)];
        expect(new Set(up)).toEqual(new Set(ids(looking(view))));
        expect(new Set(down)).toEqual(new Set(up));
      }
  });
  test('is named by a letter of its own', () => {
    for (const view of VIEWS) {
      const letters = columnsOf(view).map(({ letter }) => letter);
      expect(new Set(letters).size, view).toBe(letters.length);
      expect(letters.every((letter) => letter.length === 1)).toBe(true);
    }
  });
  test('has the arrow in its header, the default one too', () => {
    expect(head(looking('buyers'))).toMatch(/empty in▲/);
    expect(head(withList(looking('buyers'), { sort: { column: 'a', descending: true } }))).toMatch(/ balance▼ /);
    expect(head(withList(looking('buyers'), { sort: { column: 'a', descending: true } }))).not.toContain('▲');
    expect(sortOf('live', looking('live'))).toBeNull();
  });
});

describe('the filter', () => {
  test('finds rows by their words, whatever the case', () => {
    expect(filtered('buyers', 'AcM')).toEqual(['buyer_1']);
    expect(filtered('keys', 'revoked')).toEqual(['key_6']);
    expect(filtered('keys', ' kite ')).toEqual(['key_5', 'key_6']);
    expect(filtered('routes', 'haiku')).toEqual(['claude-fast claude-haiku-4-5']);
    expect(filtered('upstreams', 'claude-opus')).toEqual(['anthropic-b']);
    expect(filtered('live', 'zephyr')).toHaveLength(1);
    expect(filtered('buyers', 'no such buyer')).toEqual([]);
  });
  test('goes with showing only what failed', () => {
    expect(ids(looking('live', { errorsOnly: true }))).toEqual([formatRequestId(busySnapshot().requests.ended[1]?.requestId as never)]);
    expect(ids(withList(looking('live', { errorsOnly: true }), { filter: 'acme' }))).toEqual([]);
  });
});

describe('the cursor', () => {
  const drawn = (cursorId: string): string[] => renderFrame({ snapshot: extremeSnapshot(), state: withList(looking('buyers'), { cursorId }), columns: 120, rows: 20 }, createStyle({ colourLevel: 0, unicode: true }));

  test('is in sight on the first row, on the last, and in the middle of a long list', () => {
    const all = ids(looking('buyers'), extremeSnapshot());
    for (const at of [0, 1, 150, 298, 299]) expect(drawn(all[at] as string).filter((line) => line.startsWith('> '))).toHaveLength(1);
    expect(drawn(all[299] as string).join('\n')).toContain('rows 287 to 300 of 300');
    expect(drawn(all[0] as string).join('\n')).toContain('rows 1 to 14 of 300');
  });
  test('is on the first row where its item is gone', () => {
    expect(drawn('buyer_12345')[3]).toMatch(/^> /);
  });
});

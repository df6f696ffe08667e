/** What keys and results do to the view, without a terminal. */
import { describe, expect, it } from 'vitest';
import type { BuyerId } from '../../src/ids.ts';
import { scrollMost } from '../../src/tui/frame.ts';
import { idsOf } from '../../src/tui/list-cursor.ts';
import { busySnapshot, SNAPSHOT_AT } from '../support/live-snapshots.ts';
import { look, press, send, type Looking } from './looking.ts';

const cursorOf = (at: Looking): string | null => at.state.lists[at.state.view].cursorId;

describe('views', () => {
  it('are opened by their numbers, and by Tab in a circle', () => {
    const at = look('overview');
    expect(['1', '2', '3', '4', '5', '6'].map((key) => press(at, key).state.view)).toEqual(['overview', 'buyers', 'routes', 'keys', 'live', 'upstreams']);
    expect(press(at, 'tab').state.view).toBe('overview');
    expect(press(at, 'shiftTab').state.view).toBe('upstreams');
  });

  it('keep their own order, filter and cursor', () => {
    const at = press(look('buyers'), "/ 'ki' enter 4 down 2");
    expect(at.state.lists.buyers.filter).toBe('ki');
    expect(at.state.lists.keys.cursorId).not.toBeNull();
    expect(idsOf(at.state, at.snapshot)).toEqual(['buyer_4']);
  });
});

describe('the cursor', () => {
  it('moves by rows, by pages and to the ends, and no further', () => {
    const at = look('buyers');
    const ids = idsOf(at.state, at.snapshot);
    expect(cursorOf(press(at, 'j'))).toBe(ids[1]);
    expect(cursorOf(press(at, 'down down k'))).toBe(ids[2]);
    expect(cursorOf(press(at, 'pageDown'))).toBe(ids.at(-1));
    expect(cursorOf(press(at, 'down'))).toBe(ids.at(-1));
    expect(cursorOf(press(at, 'up'))).toBe(ids.at(-2));
    expect(cursorOf(press(at, 'home'))).toBeNull();
    expect(cursorOf(press(at, 'G g end'))).toBe(ids.at(-1));
  });

  it('stays with its item when others come and go, and takes its place when it goes itself', () => {
    const at = press(look('buyers'), 'down down');
    const [before, id] = [at.snapshot, cursorOf(at)];
    const index = idsOf(at.state, before).indexOf(id as string);
    const next = idsOf(at.state, before)[index + 1];
    at.snapshot = { ...before, buyers: before.buyers.filter(({ buyerId }) => `buyer_${buyerId}` !== id) };
    expect(cursorOf(send(at, { kind: 'read', before }))).toBe(next);
  });

  it('does nothing in an empty list', () => {
    const at = look('buyers', { ...busySnapshot(), buyers: [] });
    expect(press(at, 'down up end pageUp enter t d K').effects).toEqual([]);
    expect(at.state).toMatchObject({ detail: null, dialog: null });
  });
});

describe('sorting and filtering', () => {
  it('takes the letter of a column, and the same letter again to turn the order round', () => {
    const at = press(look('buyers'), 's b');
    const first = at.state.lists.buyers.sort;
    expect(first).toMatchObject({ column: 'b' });
    expect(press(at, 's b').state.lists.buyers.sort).toEqual({ column: 'b', descending: first?.descending === false });
    expect(at.state.choosingSort).toBe(false);
  });

  it('leaves the order as it was at a key that is no column', () => {
    const at = press(look('buyers'), 's escape');
    expect(at.state).toMatchObject({ choosingSort: false, lists: { buyers: { sort: null } } });
    expect(press(at, 's !').state.lists.buyers.sort).toBeNull();
  });

  it('types into the filter what would be keys elsewhere; Enter keeps it and Esc clears it', () => {
    const at = press(look('buyers'), "/ 'q5?' backspace backspace");
    expect(at.state).toMatchObject({ filtering: true, lists: { buyers: { filter: 'q' } } });
    expect(press(at, 'enter').state).toMatchObject({ filtering: false, lists: { buyers: { filter: 'q' } } });
    expect(press(at, 'escape').state.lists.buyers.filter).toBe('');
    expect(press(at, "/ 'acme' escape").state).toMatchObject({ filtering: false, lists: { buyers: { filter: '' } } });
  });

  it('pastes into the filter as one line without what cannot be seen', () => {
    const at = press(look('buyers'), '/');
    expect(send(at, { kind: 'paste', text: ' ze\u001b[31mph\u202eyr\n' }).state.lists.buyers.filter).toBe('ze[31mphyr');
  });

  it('ignores what is pasted where nothing is typed', () => {
    const at = look('buyers');
    const { state } = at;
    expect(send(at, { kind: 'paste', text: 'q' })).toMatchObject({ effects: [], state });
  });
});

describe('pausing and the interval', () => {
  it('pauses and goes on', () => {
    expect(press(look('overview'), 'p').state.paused).toBe(true);
    expect(press(look('overview'), 'p p').state.paused).toBe(false);
    expect(press(look('live'), 'f').state.paused).toBe(true);
  });

  it('steps through the intervals and stops at 0.2 and 60 seconds', () => {
    const at = look('overview');
    expect(press(at, '+ +').state.intervalMs).toBe(2_000);
    expect(press(at, '- - - - -').state.intervalMs).toBe(200);
    expect(press(at, '+ + + + + + + + + +').state.intervalMs).toBe(60_000);
    expect(press(look('overview'), '=').state.intervalMs).toBe(1_000);
  });
});

describe('opening', () => {
  it('a buyer, then one of its requests, and back by Esc', () => {
    const at = press(look('buyers'), 'enter');
    expect(at.effects).toEqual([{ kind: 'readBuyer', buyerId: 2 }]);
    send(at, { kind: 'buyerRead', buyerId: 2 as BuyerId, content: { requests: at.snapshot.requests.ended, deposits: [] } });
    press(at, 'down enter');
    const requestId = at.snapshot.requests.ended[1]?.requestId;
    expect(at.effects).toEqual([{ kind: 'readRequest', requestId }]);
    expect(at.state.detail).toMatchObject({ kind: 'request', requestId, shows: 'receipt' });
    expect(press(at, 'escape').state.detail).toMatchObject({ kind: 'buyer', cursor: 1 });
    expect(press(at, 'escape').state.detail).toBeNull();
  });

  it("keeps the cursor on its request while new ones come, and on the first row where it was there", () => {
    const at = press(look('buyers'), 'enter');
    const [newest, ...older] = [...at.snapshot.requests.open, ...at.snapshot.requests.ended];
    const read = (requests: typeof older): Looking => send(at, { kind: 'buyerRead', buyerId: 2 as BuyerId, content: { requests, deposits: [] } });
    expect(read(older).state.detail).toMatchObject({ cursor: 0 });
    if (newest !== undefined) expect(read([newest, ...older]).state.detail).toMatchObject({ cursor: 0 });
    read(older);
    press(at, 'down');
    if (newest !== undefined) expect(read([newest, ...older]).state.detail).toMatchObject({ cursor: 2 });
    expect(read([]).state.detail).toMatchObject({ cursor: 0 });
  });

  it("a key's buyer, a live request's receipt, a route's requests, an upstream's routes", () => {
    expect(press(look('keys'), "/ 'laptop' enter enter").state.detail).toMatchObject({ kind: 'buyer', buyerId: 4 });
    expect(press(look('live'), 'enter').state.detail).toMatchObject({ kind: 'request', requestId: busySnapshot().requests.open[0]?.requestId });
    expect(press(look('routes'), 'end enter').state).toMatchObject({ view: 'live', lists: { live: { filter: 'claude-opus' } } });
    expect(press(look('upstreams'), "/ 'b' enter enter").state).toMatchObject({ view: 'routes', lists: { routes: { filter: 'anthropic-b' } } });
  });

  it("a buyer's keys", () => {
    const at = press(look('buyers'), "/ 'kite' enter K");
    expect(at.state).toMatchObject({ view: 'keys', detail: null, lists: { keys: { filter: 'kite' } } });
    expect(idsOf(at.state, at.snapshot).toSorted()).toEqual(['key_5', 'key_6']);
  });

  it('asks again for a receipt of a request that still ran, and for the last requests of a buyer', () => {
    const at = press(look('live'), 'enter');
    expect(send(at, { kind: 'read', before: at.snapshot }).effects).toMatchObject([{ kind: 'readRequest' }]);
    const requestId = busySnapshot().requests.open[0]?.requestId;
    if (requestId !== undefined) send(at, { kind: 'requestRead', requestId, content: { receipt: ['done'], explain: [], json: [] } });
    expect(send(at, { kind: 'read', before: at.snapshot }).effects).toEqual([]);
    expect(send(press(look('buyers'), 'enter'), { kind: 'read', before: null }).effects).toMatchObject([{ kind: 'readBuyer' }]);
  });

  it('shows a request as a receipt, as a story and as JSON, scrolls, and copies its id', () => {
    const at = press(look('live'), 'enter');
    const requestId = busySnapshot().requests.open[0]?.requestId;
    if (requestId !== undefined) send(at, { kind: 'requestRead', requestId, content: { receipt: [], explain: Array.from({ length: 50 }, (_, line) => `line ${line}`), json: [] } });
    expect(press(at, 'down').state.detail).toMatchObject({ scroll: 0 });
    expect(press(at, 'x').state.detail).toMatchObject({ shows: 'explain' });
    expect(press(at, 'down down').state.detail).toMatchObject({ scroll: 2 });
    expect(press(at, 'G').state.detail).toMatchObject({ scroll: scrollMost({ state: at.state, snapshot: at.snapshot, columns: 80, rows: 24 }) });
    expect(at.state.detail).not.toMatchObject({ scroll: 0 });
    expect(press(at, 'j').state.detail).toMatchObject({ shows: 'json', scroll: 0 });
    expect(press(at, 'j').state.detail).toMatchObject({ shows: 'receipt' });
    expect(press(at, 'c').effects).toMatchObject([{ kind: 'copy', text: expect.stringMatching(/^req_\w{13}$/) as string }]);
  });
});

describe('help, leaving and trouble', () => {
  it('searches the help by typing, and closes it with Esc', () => {
    const at = press(look('overview'), "? 'sort' down");
    expect(at.state.help).toMatchObject({ query: 'sort' });
    expect(press(at, 'escape').state).toMatchObject({ help: null, view: 'overview' });
  });

  it('leaves with q where nothing is typed, and with Ctrl-C everywhere', () => {
    expect(press(look('overview'), 'q').effects).toEqual([{ kind: 'quit' }]);
    for (const keys of ["/ 'x'", '?', 't', 's', 'enter']) expect(press(look('buyers'), `${keys} ctrl-c`).effects).toEqual([{ kind: 'quit' }]);
  });

  it('says since when the figures stand still, however often it fails to read', () => {
    const at = look('overview');
    send(at, { kind: 'readFailed', message: 'the database is locked' });
    send(at, { kind: 'readFailed', message: 'the database is gone' });
    expect(at.state.problem).toEqual({ message: 'the database is gone', since: SNAPSHOT_AT });
    expect(send(at, { kind: 'read', before: at.snapshot }).state.problem).toBeNull();
  });
});

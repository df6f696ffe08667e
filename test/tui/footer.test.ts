import { describe, expect, test } from 'vitest';
import { renderFrame } from '../../src/tui/frame.ts';
import { CONTEXT_TITLES, footerKeys, KEY_HELP } from '../../src/tui/key-help.ts';
import { createStyle } from '../../src/tui/style.ts';
import type { ViewState } from '../../src/tui/view-state.ts';
import { busySnapshot } from '../support/live-snapshots.ts';
import { buyerDetail, DIALOGS, looking, requestDetail, withList } from './states.ts';

const MONO = createStyle({ colourLevel: 0, unicode: true });
const lines = (state: ViewState, columns = 120, rows = 24): string[] => renderFrame({ snapshot: busySnapshot(), state, columns, rows }, MONO).map((line) => line.trimEnd());
const last = (state: ViewState, columns = 120): string => lines(state, columns).at(-1) ?? '';

describe('the footer', () => {
  test('has the keys of the view, and in little room those that matter most', () => {
    expect(last(looking('buyers'), 80)).toBe('↑↓ move  ⏎ open  t top up  K keys  d disable  / filter  s sort  ? help  q quit');
    expect(last(looking('keys'))).toContain('r rotate  v revoke');
    expect(last(looking('live'))).toContain('f freeze  e errors only');
    expect(last(looking('live', { detail: requestDetail('receipt') }))).toBe('esc back  ↑↓ scroll  x explain  j json  c copy id  p pause  +/- interval  ? help  q quit');
    expect(last(looking('buyers', { detail: buyerDetail(busySnapshot()) }))).toMatch(/^esc back {2}↑↓ move {2}⏎ receipt/);
    for (let columns = 20; columns < 120; columns++) expect(last(looking('buyers'), columns)).toMatch(/q quit$/);
  });
  test('shows what is typed, its end where it is long', () => {
    const filtering = (filter: string): ViewState => withList(looking('buyers', { filtering: true }), { filter });
    expect(last(filtering('orb'))).toMatch(/^\/ orb_ +⏎ keep {2}esc show all$/);
    expect(last(filtering('a long filter that ends with zebra'), 40)).toContain('with zebra_');
    expect(last(withList(looking('buyers'), { filter: 'orb' }))).toMatch(/^\/orb {2}esc show all/);
  });
  test('names the columns to choose from', () => {
    expect(last(looking('buyers', { choosingSort: true }))).toMatch(/^sort by {2}b buyer {2}a balance {2}h held {2}u burn\/h {2}e empty in {2}I {2}O {2}5 {2}H {2}R/);
  });
  test('says what was done, or why not, safe for a terminal', () => {
    expect(last(looking('buyers', { notice: { kind: 'problem', text: 'no \u001b[2J' } }))).toBe('! no \\u001b[2J');
  });
  test('leaves it to a dialog to name its keys', () => {
    expect(last(looking('keys', { dialog: DIALOGS.revokeKey }))).toBe('');
    expect(lines(looking('keys', { dialog: DIALOGS.revokeKey })).join('\n')).toMatch(/esc Cancel {3}⏎ Revoke now/);
    expect(lines(looking('keys', { dialog: { ...DIALOGS.newKey, stored: true } as ViewState['dialog'] })).join('\n')).toMatch(/\[x\] I have stored it {3}⏎ Done/);
    expect(lines(looking('keys', { dialog: DIALOGS.newKey })).join('\n')).not.toContain('Done');
  });
});

describe('the help', () => {
  const help = (query: string): string => lines(looking('keys', { help: { query, scroll: 0 } }), 100, 120).join('\n');
  test('has every key with its meaning, those of the place where one is first', () => {
    const text = help('');
    for (const { meaning } of KEY_HELP) expect(text.replaceAll(/\s+/g, ' ')).toContain(meaning);
    expect(text.indexOf(CONTEXT_TITLES.keys)).toBeLessThan(text.indexOf(CONTEXT_TITLES.buyers));
  });
  test('is searched by what is typed', () => {
    expect(help('revoke')).toContain('end the key under the cursor');
    expect(help('revoke')).not.toContain('move the cursor');
    expect(help('no such thing')).toContain('No key does that.');
  });
  test('has every key that a footer names', () => {
    for (const view of ['overview', 'buyers', 'routes', 'keys', 'live', 'upstreams'] as const) expect(footerKeys(looking(view)).every((row) => KEY_HELP.includes(row))).toBe(true);
  });
});

/** Whole frames as people see them, kept as text beside this file: `vitest run test/tui -u` writes them anew. */
import { describe, expect, test } from 'vitest';
import { renderFrame } from '../../src/tui/frame.ts';
import { createStyle } from '../../src/tui/style.ts';
import type { ViewState } from '../../src/tui/view-state.ts';
import { VIEWS } from '../../src/tui/view-state.ts';
import { busySnapshot, quietSnapshot } from '../support/live-snapshots.ts';
import { buyerDetail, DIALOGS, looking, requestDetail } from './states.ts';

const picture = (state: ViewState, size: readonly [columns: number, rows: number], options: { unicode?: boolean; quiet?: boolean } = {}): string =>
  `${renderFrame({ snapshot: options.quiet === true ? quietSnapshot() : busySnapshot(), state, columns: size[0], rows: size[1] }, createStyle({ colourLevel: 0, unicode: options.unicode ?? true })).join('\n')}\n`;

describe('each view', () => {
  test.each(VIEWS.flatMap((view) => [[view, 120, 36] as const, [view, 80, 24] as const]))('%s at %d × %d', async (view, columns, rows) => {
    await expect(picture(looking(view), [columns, rows])).toMatchFileSnapshot(`frames/${view}-${columns}x${rows}.txt`);
  });

  test('the overview of a wide, of a narrow and of an ASCII terminal, and of a quiet day', async () => {
    await expect(picture(looking('overview'), [200, 50])).toMatchFileSnapshot('frames/overview-200x50.txt');
    await expect(picture(looking('overview'), [40, 20])).toMatchFileSnapshot('frames/overview-40x20.txt');
    await expect(picture(looking('overview'), [80, 24], { unicode: false })).toMatchFileSnapshot('frames/overview-ascii-80x24.txt');
    await expect(picture(looking('overview'), [80, 24], { quiet: true })).toMatchFileSnapshot('frames/overview-quiet-80x24.txt');
  });
});

describe('what lies behind and before a view', () => {
  test('a buyer', async () => {
    await expect(picture(looking('buyers', { detail: buyerDetail(busySnapshot()) }), [120, 36])).toMatchFileSnapshot('frames/buyer-120x36.txt');
  });
  test('a receipt', async () => {
    await expect(picture(looking('live', { detail: requestDetail('receipt') }), [80, 24])).toMatchFileSnapshot('frames/receipt-80x24.txt');
  });
  test('a question', async () => {
    await expect(picture(looking('keys', { dialog: DIALOGS.rotateKey }), [80, 24])).toMatchFileSnapshot('frames/rotate-80x24.txt');
  });
  test('the help', async () => {
    await expect(picture(looking('keys', { help: { query: '', scroll: 0 } }), [80, 60])).toMatchFileSnapshot('frames/help-80x60.txt');
  });
});

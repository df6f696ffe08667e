import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import { renderFrame, scrollMost } from '../../src/tui/frame.ts';
import { createStyle } from '../../src/tui/style.ts';
import { VIEWS } from '../../src/tui/view-state.ts';
import type { ViewState } from '../../src/tui/view-state.ts';
import { extremeSnapshot } from '../support/extreme-snapshot.ts';
import { busySnapshot, emptySnapshot, quietSnapshot } from '../support/live-snapshots.ts';
import { DIALOGS, looking, requestDetail, SECRET, statesOf } from './states.ts';

const MONO = createStyle({ colourLevel: 0, unicode: true });
const ASCII = createStyle({ colourLevel: 0, unicode: false });
const STYLES = [MONO, ASCII, createStyle({ colourLevel: 1, unicode: true }), createStyle({ colourLevel: 3, unicode: false, background: 'dark' })];

const SNAPSHOTS: readonly (LiveSnapshot | null)[] = [null, emptySnapshot(), quietSnapshot(), busySnapshot(), extremeSnapshot()];

const frame = (state: ViewState, size: readonly [columns: number, rows: number], snapshot: LiveSnapshot | null = busySnapshot()): string[] =>
  renderFrame({ snapshot, state, columns: size[0], rows: size[1] }, MONO);
const text = (...args: Parameters<typeof frame>): string => frame(...args).join('\n');

/** Any snapshot, state, style and size. */
const anything = fc
  .constantFrom(...SNAPSHOTS)
  .chain((snapshot) => fc.record({ snapshot: fc.constant(snapshot), state: fc.constantFrom(...statesOf(snapshot ?? busySnapshot())), columns: fc.integer({ min: 20, max: 400 }), rows: fc.integer({ min: 5, max: 120 }), style: fc.constantFrom(...STYLES) }));
const small = fc.integer({ min: 20, max: 130 });

test('a receipt has its marks in colour, its rule faint and its charge strong', () => {
  const lines = renderFrame({ snapshot: busySnapshot(), state: looking('live', { detail: requestDetail('receipt') }), columns: 100, rows: 30 }, createStyle({ colourLevel: 1, unicode: true }));
  const shown = (part: string): string => (lines.find((line) => line.includes(part)) ?? '').trimEnd();
  expect(shown('50       4.00')).toContain('  \u001b[36mI\u001b[0m input');
  expect(shown('1,500       0.40')).toContain('  \u001b[32mR\u001b[0m cache read');
  expect(shown('  ─────')).toBe(`\u001b[2m  ${'─'.repeat(52)}\u001b[0m`);
  expect(shown('  charge   ')).toContain('\u001b[1m  charge           1,870');
});

describe('a frame of any size', () => {
  test('has exactly as many rows as the terminal, each exactly as wide', () => {
    fc.assert(
      fc.property(anything, ({ style, ...input }) => {
        const lines = renderFrame(input, style);
        expect(lines).toHaveLength(input.rows);
        for (const line of lines) expect(stringWidth(line), line).toBe(input.columns);
      }),
      { numRuns: 150 },
    );
  });

  test('in every view, at every width around where columns come and go', () => {
    for (const view of VIEWS) for (let columns = 20; columns <= 140; columns++) for (const line of frame(looking(view), [columns, 24])) expect(stringWidth(line), `${view} ${columns}`).toBe(columns);
  });

  test('without Unicode has ASCII alone, without colours no escape codes', () => {
    fc.assert(
      fc.property(anything, ({ snapshot, state, columns, rows }) => {
        const input = { snapshot, state, columns, rows };
        expect(renderFrame(input, ASCII).join('')).toMatch(/^[\x20-\x7e]*$/);
        // oxlint-disable-next-line no-control-regex -- that there are none is what is tested.
        expect(renderFrame(input, MONO).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 80 },
    );
  });

  test('has nothing of others that could steer the terminal, in colour either', () => {
    const colour = createStyle({ colourLevel: 1, unicode: true });
    for (const state of statesOf(extremeSnapshot())) {
      const drawn = renderFrame({ snapshot: extremeSnapshot(), state, columns: 200, rows: 60 }, colour).join('');
      // oxlint-disable-next-line no-control-regex -- the codes of our own are taken away first.
      expect(drawn.replaceAll(/\u001b\[[\d;]*m/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});

describe('numbers', () => {
  const WIDTHS = [20, 30, 40, 50, 59, 60, 70, 80, 90, 100, 120, 140, 160, 200, 260, 320, 400];
  const figures = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => line.replaceAll(/(rows|lines) \d+ to \d+ of \d+/g, '').match(/[-<>~+]*\d[\d,.]*(?: %|[kMGTP])?/g) ?? []);

  test('are never cut: each one shown in little room is one that is shown in plenty', () => {
    const snapshot = busySnapshot();
    for (const state of VIEWS.map((view) => looking(view))) {
      // Letters of ids would look like figures: none of them here.
      const shown = (columns: number, rows: number): string[] => figures(frame(state, [columns, rows], snapshot).map((line) => line.replaceAll(/\S*[_…]\S*/g, '')));
      const whole = new Set(WIDTHS.flatMap((columns) => shown(columns, 120)));
      fc.assert(
        fc.property(small, fc.integer({ min: 5, max: 40 }), (columns, rows) => {
          expect(shown(columns, rows).filter((figure) => !whole.has(figure))).toEqual([]);
        }),
        { numRuns: 120 },
      );
    }
  });

  test('the largest and the negative ones too', () => {
    const snapshot = extremeSnapshot();
    const known = new Set(['8,900,000,001.00', '-9,000,000,000.00', '9,000,000,000.00', '-777,777,777.00', '0.00']);
    for (let columns = 20; columns <= 160; columns += 3) {
      const lines = frame(looking('buyers'), [columns, 30], snapshot).slice(3, -3);
      const money = lines.flatMap((line) => line.match(/-?\d[\d,]*\.\d*/g) ?? []);
      expect(money.filter((figure) => !known.has(figure) && !/^\d+\.\d$/.test(figure))).toEqual([]);
    }
  });
});

describe('the five classes', () => {
  test('are always input, output, write 5m, write 1h, read', () => {
    for (const columns of [40, 60, 80, 120, 200]) {
      const marks = frame(looking('overview'), [columns, 36]).flatMap((line) => /^[IO5HR] (?=\w)/.exec(line)?.[0] ?? []);
      expect(marks.join('')).toBe('I O 5 H R ');
    }
    for (const view of ['buyers', 'routes', 'keys', 'live'] as const) expect(frame(looking(view), [160, 30])[2]).toMatch(/ I +O +5 +H +R /);
    expect(frame(looking('overview'), [120, 36]).find((line) => line.includes('▓▓'))).toMatch(/^ {2}█+▓+▒+░+▄+ *$/);
  });

  test('leave a list all together, but for live requests, which keep output and reads', () => {
    for (const view of ['buyers', 'routes', 'keys'] as const)
      for (let columns = 30; columns < 200; columns++) expect([0, 5]).toContain((frame(looking(view), [columns, 12])[2] ?? '').match(/ [IO5HR](?= )/g)?.length ?? 0);
    expect(frame(looking('live'), [80, 24])[2]).toMatch(/ O +R /);
  });
});

describe('what a frame says', () => {
  test('before the first read the layout is there, with dashes for figures', () => {
    const lines = frame(looking('overview'), [120, 36], null);
    expect(lines.slice(3, 8).every((line) => /^[IO5HR] .*—.*—.*—/.test(line))).toBe(true);
    expect(lines.join('\n')).toContain('charge —');
    expect(lines.join('\n')).not.toMatch(/\b0\.00/);
  });

  test('that nothing serves, that figures are stale and since when, that it is paused', () => {
    expect(text(looking('live'), [120, 36], { ...busySnapshot(), serving: 0 })).toContain('no `ainogap serve` runs on this database');
    const stale = text(looking('live', { problem: { message: 'database is locked', since: Date.UTC(2026, 10, 23, 12, 3, 59) } }), [120, 36]);
    expect(stale).toContain('stale, figures as of 12:03:59 UTC');
    expect(stale).toContain('Live updates paused. Figures as of 12:03:59 UTC. Retrying: database is locked');
    expect(stale).toContain('acme');
    expect(text(looking('live', { paused: true }), [80, 24])).toContain('paused');
  });

  test('what to do where there is nothing yet', () => {
    expect(text(looking('buyers'), [80, 24], emptySnapshot())).toContain('ainogap buyer create acme');
    expect(text(looking('overview'), [80, 24], emptySnapshot())).toContain('ainogap buyer create acme');
    expect(text(looking('live'), [80, 24], { ...busySnapshot(), requests: emptySnapshot().requests })).toContain('curl http://127.0.0.1:8787/claude-fast/v1/messages');
    expect(text(looking('keys'), [80, 24], emptySnapshot())).toContain('ainogap key create acme');
  });

  test('the time with its zone, and the zone of today where it is another one', () => {
    expect(frame(looking('overview'), [120, 36])[0]).toContain('12:04:17 UTC');
    expect(text(looking('overview'), [120, 36])).not.toContain('today since');
    expect(text(looking('overview'), [160, 36], { ...busySnapshot(), timezone: 'Europe/Berlin' })).toContain('today since 00:00 Europe/Berlin');
  });

  test('a tall overview shows the alerts and what runs; a low one the figures alone', () => {
    expect(text(looking('overview'), [120, 36])).toMatch(/! 12:01:44 {2}orbit .*balance below[^]*cleared after 40s[^]*req_06yd80sv16014/);
    expect(text(looking('overview'), [80, 24])).toMatch(/! 12:01:44 {2}orbit {2}balance below/);
    expect(text(looking('overview'), [20, 5])).toContain('charge 2.4265/min');
    expect(text(looking('overview'), [40, 20])).toMatch(/orbit +18\.75/);
  });

  test('margins and savings below zero stand out', () => {
    expect(text(looking('overview'), [120, 36], extremeSnapshot())).toContain('margin -8,010,000,000.9000 (-90.0 %) !');
  });
});

describe('a document', () => {
  test('is scrolled to its last line and no further', () => {
    const state = looking('live', { detail: requestDetail('json') });
    const input = { snapshot: busySnapshot(), state, columns: 40, rows: 9 };
    const most = scrollMost(input);
    expect(most).toBeGreaterThan(0);
    const scrolled = (scroll: number): string => text({ ...state, detail: { ...requestDetail('json'), scroll } as ViewState['detail'] }, [40, 9]);
    expect(scrolled(most)).toMatch(/ \}\s*\n[^\n]*$/);
    expect(scrolled(most + 50)).toBe(scrolled(most));
    expect(scrolled(most - 1)).not.toBe(scrolled(most));
  });

  test('wraps its prose between words, and cuts no figure of a table', () => {
    const story = text(looking('live', { detail: requestDetail('explain') }), [40, 24]);
    expect(story).toContain('0.034480');
    expect(story.replaceAll(/\s+/g, ' ')).toContain('because no tokenizer makes more tokens than bytes.');
    const receipt = text(looking('live', { detail: requestDetail('receipt') }), [52, 24]);
    expect(receipt).toMatch(/I input +50 +4\.00 +0\.000200 *\n/);
  });
});

describe('a dialog', () => {
  test('lies in the middle of the frame and leaves the rest in sight', () => {
    const lines = frame(looking('keys', { dialog: DIALOGS.rotateKey }), [80, 24]);
    const edge = lines.find((line) => line.includes('┌')) ?? '';
    expect(Math.abs(edge.indexOf('┌') - (79 - edge.indexOf('┐')))).toBeLessThan(2);
    expect(lines.join('\n')).toContain('Rotate key “prod” of acme?');
    expect(lines[3]).toContain('zephyr');
  });

  test('shows a new key whole in every size', () => {
    for (let columns = 20; columns < 90; columns++)
      for (const rows of [5, 8, 12, 24]) {
        const drawn = frame(looking('keys', { dialog: DIALOGS.newKey }), [columns, rows]).join('').replaceAll(/[\s│]/g, '');
        expect(drawn, `${columns} × ${rows}`).toContain(SECRET);
      }
  });

  test('of a top-up says what the balance becomes', () => {
    expect(text(looking('buyers', { dialog: DIALOGS.topUp }), [80, 24])).toContain('balance 212.40 → 312.40');
    expect(text(looking('buyers', { dialog: DIALOGS.amount }), [80, 24])).toMatch(/12\.5_[^]*! it has too many decimals/);
  });
});

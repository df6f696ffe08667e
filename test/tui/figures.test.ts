import { describe, expect, test } from 'vitest';
import { micro } from '../../src/money.ts';
import { ageText, agoText, balanceText, chargeText, clockText, compactText, countText, dayClockText, durationText, emptyInText, rateText, shareText } from '../../src/tui/figures.ts';

const each = <In>(write: (value: In) => string, ...pairs: readonly (readonly [In, string])[]): void => expect(pairs.map(([value]) => write(value))).toEqual(pairs.map(([, text]) => text));

describe('how figures are written', () => {
  test('money: two decimals for balances, four for rates, six for charges; never zero for what is not', () => {
    each(balanceText, [micro(1_510_000_000), '1,510.00'], [micro(0), '0.00'], [micro(1), '<0.01'], [micro(-1), '>-0.01'], [micro(-2_500_000), '-2.50']);
    each(rateText, [micro(2_426_500), '2.4265'], [micro(1), '<0.0001']);
    each(chargeText, [micro(3_720), '0.003720'], [micro(-1_000_000), '-1.000000']);
  });
  test('counts: with separators, or short', () => {
    each(countText, [88_100, '88,100'], [0, '0'], [0.35, '0.4'], [0.001, '<0.1'], [9.96, '10'], [812.4, '812']);
    each(compactText, [0, '0'], [999, '999'], [999.6, '1.0k'], [2_104, '2.1k'], [31_004, '31.0k'], [999_960, '1.0M'], [12_431_000, '12.4M'], [8e15, '8.0P'], [0.35, '0.4']);
  });
  test('durations and ages', () => {
    each(durationText, [0, '0ms'], [420, '420ms'], [999.6, '1.0s'], [1_930, '1.9s'], [9_949, '9.9s'], [31_000, '31s'], [59_600, '1m'], [240_000, '4m'], [19_800_000, '5h 30m'], [270_000_000, '3d 3h'], [null, '—']);
    each(ageText, [0, '0.0s'], [130, '0.1s'], [4_200, '4.2s'], [31_000, '31s'], [-5, '0.0s']);
    each(agoText, [1_400, 'now'], [9_000, '9s ago'], [59_600, '1m ago'], [-5, 'now']);
    each(emptyInText, [50, '50m'], [330, '5h 30m'], [1_240, '20h 40m'], [2_879, '47h 59m'], [4_500, '3d 3h'], [0, '0m'], [-3, '0m'], [null, '—']);
  });
  test('shares: nothing is nothing, little is not nothing', () => {
    each(shareText, [0.942, '94.2 %'], [0, '0.0 %'], [0.0001, '<0.1 %'], [-0.0001, '>-0.1 %'], [1, '100.0 %'], [null, '—']);
  });
  test('times in UTC', () => {
    const at = Date.UTC(2026, 10, 23, 12, 4, 17, 999);
    expect([clockText(at), dayClockText(at)]).toEqual(['12:04:17', '11-23 12:04']);
  });
});

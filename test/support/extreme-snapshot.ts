/** A snapshot of extremes: the largest figures, negative ones, nothing, and names that try to break a terminal. */
import type { RequestId } from '../../src/ids.ts';
import { MICRO_USDC_MAX, micro } from '../../src/money.ts';
import type { LiveAlert, LiveBuyer, LiveRequest, LiveRoute, LiveSnapshot, LiveUpstream } from '../../src/reports/live/snapshot.ts';
import { NO_USAGE } from '../../src/reports/usage-sums.ts';
import { buyer, EMPTY_OVERVIEW, emptySnapshot, FIRST_ID, key, moneyWave, NO_SERIES, OPEN, SNAPSHOT_AT, tokenCounts, UPSTREAMS, usage, wave } from './live-snapshots.ts';

const HUGE_COUNT = 8_888_888_888_888;
const HUGE = usage({ requests: HUGE_COUNT, errors: HUGE_COUNT, refused: HUGE_COUNT, tokens: [HUGE_COUNT, 0, 7, HUGE_COUNT, HUGE_COUNT], charges: [900_000_000, 0, 0.000001, 1, 8_000_000_000], list: 1.9, saved: -777_777_777 });

/** Names that take twice their length, marks that combine, escapes, joined emoji. */
export const HOSTILE_NAMES = ['漢'.repeat(64), 'e\u0301'.repeat(30), '👩‍👩‍👧‍👦 family '.repeat(5), '\u001b[31mred\u001b[0m\u202etxt', 'ｆｕｌｌ ｗｉｄｔｈ', 'x'.repeat(64), 'naïve café', '🇩🇪🇫🇷'] as const;

/** 300 buyers with odd names, the largest amounts, negative margins and savings, nothing in between. */
export function extremeSnapshot(): LiveSnapshot {
  const buyers = Array.from({ length: 300 }, (_, index): LiveBuyer => {
    const base = buyer({ id: index + 1, name: HOSTILE_NAMES[index % HOSTILE_NAMES.length] as string, balance: 0, held: 0, burn: 0, tokens: [0, 0, 0, 0, 0], keys: index, saved: 0 });
    if (index % 3 === 0) return base;
    return { ...base, disabled: index % 2 === 0, balance: micro(0n - MICRO_USDC_MAX), held: MICRO_USDC_MAX, available: micro(-2n * MICRO_USDC_MAX), burnPerHour: MICRO_USDC_MAX, emptyInMinutes: index % 2 === 0 ? 99_999_999 : 0, today: HUGE, chargeSeries: moneyWave(900_000, index) };
  });
  const name = (index: number) => HOSTILE_NAMES[index % HOSTILE_NAMES.length] as string;
  const requests = (count: number, more: Partial<LiveRequest>) =>
    Array.from({ length: count }, (_, index): LiveRequest => ({ ...(OPEN[index % 3] as LiveRequest), requestId: (FIRST_ID + BigInt(index) * 4n) as RequestId, buyerName: name(index), route: name(index + 1), ageMs: index ** 5, ...more }));
  return {
    ...emptySnapshot(),
    timezone: 'America/Argentina/ComodRivadavia',
    origin: 'http://127.0.0.1:8787',
    serving: 0,
    overview: {
      ...EMPTY_OVERVIEW,
      tokenSeries: { input: wave(1e12, 0), output: NO_SERIES, cacheWrite5m: wave(1, 2), cacheWrite1h: [...NO_SERIES.slice(1), 1], cacheRead: wave(8e15, 4) },
      tokensPerSecond: tokenCounts(1e12, 0, 0.001, 999.6, 8e15),
      chargePerMinute: HUGE.chargeByClass,
      lastMinute: HUGE,
      today: HUGE,
      requestsPerSecond: 123_456.7,
      timeToFirstByteP50Ms: 0,
      timeToFirstByteP95Ms: 9e9,
      unreadWrites: { tokens: HUGE_COUNT, charge: MICRO_USDC_MAX },
    },
    buyers,
    routes: Array.from({ length: 40 }, (_, index): LiveRoute => ({ alias: `route-${'x'.repeat(index)}`, deleted: index % 5 === 0, upstream: name(index), cardVersion: 2 ** index, model: name(index + 3), lastHour: index % 2 === 0 ? HUGE : NO_USAGE, today: HUGE })),
    keys: buyers.map((owner, index) => key(index + 1, owner, name(index), { revokedAt: index % 4 === 0 ? 0 : null, createdAt: 0, lastUsedAt: index % 2 === 0 ? 0 : SNAPSHOT_AT + 5_000 })),
    requests: { openCount: HUGE_COUNT, held: MICRO_USDC_MAX, chargedSoFar: MICRO_USDC_MAX, open: requests(200, { held: MICRO_USDC_MAX, charge: MICRO_USDC_MAX, tokens: HUGE.tokens }), ended: requests(50, { state: 'a state nobody knows', failed: true, held: null }).map((ended) => ({ ...ended, requestId: (ended.requestId + 100_000n) as RequestId })) },
    upstreams: HOSTILE_NAMES.map((upstream, index): LiveUpstream => ({ ...(UPSTREAMS[1] as LiveUpstream), name: upstream, health: (['up', 'degraded', 'down', 'idle'] as const)[index % 4] as LiveUpstream['health'], requestsPerMinute: 1e9, errorShare: 1, timeToFirstByteP95Ms: 9e8, lastError: { at: 0, code: name(index) }, routes: [...HOSTILE_NAMES] })),
    alerts: Array.from({ length: 20 }, (_, index): LiveAlert => ({ firedAt: 0, clearedAt: index % 2 === 0 ? null : SNAPSHOT_AT, subject: name(index), message: name(index + 2).repeat(3) })),
  };
}

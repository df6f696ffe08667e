/** Snapshots of the live view as a gateway would give them: an empty one, a quiet one and a busy one. */
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import type { LiveAlert, LiveBuyer, LiveKey, LiveOverview, LiveRequest, LiveRoute, LiveSnapshot, LiveUpstream } from '../../src/reports/live/snapshot.ts';
import { SERIES_CELLS } from '../../src/reports/live/snapshot.ts';
import { NO_USAGE, type UsageSums } from '../../src/reports/usage-sums.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts } from '../../src/tokens.ts';

/** 2026-11-23 12:04:17 UTC: the moment of every snapshot here. */
export const SNAPSHOT_AT = Date.UTC(2026, 10, 23, 12, 4, 17);

type Five<T> = readonly [T, T, T, T, T];

function perClass<T>(five: Five<T>): Record<TokenClass, T> {
  return Object.fromEntries(TOKEN_CLASSES.map((tokenClass, index) => [tokenClass, five[index]])) as Record<TokenClass, T>;
}

export const tokenCounts = (...five: Five<number>): TokenCounts => perClass(five);

/** USDC as people write it, e.g. 212.4, to micro-USDC: only for round figures of tests. */
const usdc = (amount: number) => micro(Math.round(amount * 1e6));

interface Sums {
  readonly requests: number;
  readonly tokens: Five<number>;
  readonly charges: Five<number>;
  readonly errors?: number;
  readonly refused?: number;
  readonly saved?: number;
  /** List cost ÷ charge. */
  readonly list?: number;
}

export function usage({ requests, tokens, charges, errors = 0, refused = 0, saved = 0, list = 0.75 }: Sums): UsageSums {
  const charge = charges.reduce((sum, each) => sum + each, 0);
  return {
    ...NO_USAGE,
    requests,
    errors,
    refused,
    tokens: perClass(tokens),
    chargeByClass: perClass([usdc(charges[0]), usdc(charges[1]), usdc(charges[2]), usdc(charges[3]), usdc(charges[4])]),
    charge: usdc(charge),
    listCost: usdc(charge * list),
    cacheSaved: usdc(saved),
  };
}

/** A smooth wave of `SERIES_CELLS` figures around `mean`, the same on every run. */
export function wave(mean: number, phase: number): number[] {
  return Array.from({ length: SERIES_CELLS }, (_, cell) => Math.round(mean * (1 + 0.6 * Math.sin(cell / 7 + phase) + 0.2 * Math.sin(cell * 2.1 + phase))));
}

export const moneyWave = (mean: number, phase: number) => wave(mean * 1e6, phase).map((amount) => micro(amount));
export const NO_SERIES = Array.from({ length: SERIES_CELLS }, () => 0);

export const EMPTY_OVERVIEW: LiveOverview = {
  tokenSeries: perClass([NO_SERIES, NO_SERIES, NO_SERIES, NO_SERIES, NO_SERIES]),
  tokensPerSecond: tokenCounts(0, 0, 0, 0, 0),
  chargePerMinute: NO_USAGE.chargeByClass,
  lastMinute: NO_USAGE,
  today: NO_USAGE,
  requestsPerSecond: 0,
  timeToFirstByteP50Ms: null,
  timeToFirstByteP95Ms: null,
  unreadWrites: { tokens: 0, charge: micro(0) },
};

/** A database that was just made: nobody and nothing. */
export function emptySnapshot(): LiveSnapshot {
  return {
    at: SNAPSHOT_AT,
    timezone: 'UTC',
    origin: 'http://127.0.0.1:8787',
    serving: 1,
    overview: EMPTY_OVERVIEW,
    buyers: [],
    routes: [],
    keys: [],
    requests: { openCount: 0, held: micro(0), chargedSoFar: micro(0), open: [], ended: [] },
    upstreams: [],
    alerts: [],
  };
}

interface BuyerFigures {
  readonly id: number;
  readonly name: string;
  readonly balance: number;
  readonly held: number;
  readonly burn: number;
  readonly tokens: Five<number>;
  readonly keys: number;
  readonly saved: number;
}

export function buyer(figures: BuyerFigures): LiveBuyer {
  const { id, name, balance, held, burn, tokens, keys, saved } = figures;
  const charges = tokens.map((count, index) => (count * ([4, 20, 5, 8, 0.4][index] ?? 0)) / 1e6) as unknown as Five<number>;
  return {
    buyerId: id as BuyerId,
    name,
    disabled: false,
    balance: usdc(balance),
    held: usdc(held),
    available: usdc(balance - held),
    burnPerHour: usdc(burn),
    emptyInMinutes: burn === 0 ? null : Math.floor(((balance - held) / burn) * 60),
    today: usage({ requests: burn === 0 ? 0 : Math.ceil(burn * 40), tokens, charges, saved }),
    chargeSeries: burn === 0 ? NO_SERIES.map(() => micro(0)) : moneyWave(burn / 60, id),
    keys,
  };
}

const BUSY_BUYERS: readonly LiveBuyer[] = [
  buyer({ id: 1, name: 'acme', balance: 212.4, held: 1.92, burn: 38.2, tokens: [210_311, 96_004, 640_090, 60_200, 12_431_000], keys: 2, saved: 31.02 }),
  buyer({ id: 4, name: 'kite', balance: 940, held: 0, burn: 12.4, tokens: [91_020, 35_400, 190_018, 0, 3_900_512], keys: 2, saved: 9.44 }),
  buyer({ id: 5, name: 'lumen', balance: 0, held: 0, burn: 0, tokens: [0, 0, 0, 0, 0], keys: 1, saved: 0 }),
  buyer({ id: 2, name: 'orbit', balance: 18.75, held: 0.4, burn: 22.1, tokens: [31_007, 12_100, 180_400, 0, 2_104_000], keys: 1, saved: 4.1 }),
  buyer({ id: 3, name: 'zephyr', balance: 1510, held: 3.1, burn: 72.89, tokens: [480_900, 201_440, 1_104_000, 0, 29_804_100], keys: 1, saved: 66.8 }),
];

interface RequestFigures {
  readonly id: bigint;
  readonly state: string;
  readonly ageMs: number;
  readonly buyer: string;
  readonly key: number;
  readonly route: string;
  readonly tokens: Five<number> | null;
  readonly charge: number | null;
  readonly held: number | null;
  readonly failed?: boolean;
}

function request({ id, key, buyer: buyerName, tokens, charge, held, failed = false, ...rest }: RequestFigures): LiveRequest {
  return {
    ...rest,
    requestId: (id << 2n) as RequestId,
    failed,
    buyerName,
    keyId: key as KeyId,
    model: 'claude-sonnet-4-6',
    tokens: tokens === null ? null : perClass(tokens),
    charge: charge === null ? null : usdc(charge),
    held: held === null ? null : usdc(held),
  };
}

export const FIRST_ID = 62_604_000_000_000_000n;
export const OPEN: readonly LiveRequest[] = [
  request({ id: FIRST_ID + 9n, state: 'streaming', ageMs: 4_200, buyer: 'acme', key: 1, route: 'claude-fast', tokens: [50, 96, 200, 0, 1_500], charge: 0.00372, held: 0.03448 }),
  request({ id: FIRST_ID + 8n, state: 'waiting', ageMs: 900, buyer: 'zephyr', key: 4, route: 'claude-opus', tokens: null, charge: null, held: 0.412 }),
  request({ id: FIRST_ID + 7n, state: 'streaming', ageMs: 31_000, buyer: 'orbit', key: 3, route: 'claude-fast', tokens: [12, 2_204, 0, 0, 88_100], charge: 0.079368, held: 0.121 }),
];
const ENDED: readonly LiveRequest[] = [
  request({ id: FIRST_ID + 6n, state: 'completed', ageMs: 2_200, buyer: 'kite', key: 5, route: 'claude-fast', tokens: [812, 40, 0, 0, 0], charge: 0.004048, held: null }),
  request({ id: FIRST_ID + 5n, state: 'upstream_error', ageMs: 130, buyer: 'orbit', key: 3, route: 'claude-fast', tokens: [0, 0, 0, 0, 0], charge: 0, held: null, failed: true }),
  request({ id: FIRST_ID + 4n, state: 'client_left', ageMs: 7_430, buyer: 'acme', key: 2, route: 'claude-fast', tokens: [1_204, 310, 0, 0, 12_400], charge: 0.015976, held: null }),
];

export const key = (id: number, owner: LiveBuyer, label: string, rest: Partial<LiveKey> = {}): LiveKey => ({
  keyId: id as KeyId,
  buyerId: owner.buyerId,
  buyerName: owner.name,
  label,
  masked: `rk_8fK${id}…9f3${id}`,
  createdAt: SNAPSHOT_AT - id * 86_400_000,
  revokedAt: null,
  lastUsedAt: SNAPSHOT_AT - id * 61_000,
  burnPerHour: owner.burnPerHour,
  today: owner.today,
  ...rest,
});

const [ACME, KITE, LUMEN, ORBIT, ZEPHYR] = BUSY_BUYERS as readonly [LiveBuyer, LiveBuyer, LiveBuyer, LiveBuyer, LiveBuyer];

const ROUTES: readonly LiveRoute[] = [
  {
    alias: 'claude-fast',
    deleted: false,
    upstream: 'anthropic-a',
    cardVersion: 12,
    model: 'claude-haiku-4-5',
    lastHour: usage({ requests: 1_204, tokens: [40_100, 31_000, 0, 0, 0], charges: [0.05, 0.19, 0, 0, 0], errors: 2 }),
    today: usage({ requests: 20_411, tokens: [740_000, 510_000, 0, 0, 0], charges: [0.93, 3.19, 0, 0, 0], errors: 31 }),
  },
  {
    alias: 'claude-fast',
    deleted: false,
    upstream: 'anthropic-a',
    cardVersion: 12,
    model: 'claude-sonnet-4-6',
    lastHour: usage({ requests: 81_004, tokens: [2_900_000, 1_230_000, 7_500_000, 210_000, 171_000_000], charges: [11.6, 24.6, 37.5, 1.68, 68.4], errors: 320, saved: 604.1 }),
    today: usage({ requests: 410_220, tokens: [8_120_000, 3_440_000, 21_100_000, 600_000, 482_100_000], charges: [14.21, 30.1, 46.15, 2.1, 84.36], errors: 1_204, saved: 1_880.2 }),
  },
  { alias: 'claude-opus', deleted: false, upstream: 'anthropic-b', cardVersion: 14, model: null, lastHour: NO_USAGE, today: NO_USAGE },
];

export const UPSTREAMS: readonly LiveUpstream[] = [
  {
    name: 'anthropic-a',
    health: 'up',
    requestsPerMinute: 2_440,
    errorShare: 0.004,
    retriedShare: 0.011,
    timeToFirstByteP50Ms: 420,
    timeToFirstByteP95Ms: 1_930,
    openRequests: 164,
    lastError: { at: SNAPSHOT_AT - 240_000, code: 'overloaded_error' },
    routes: ['claude-fast'],
  },
  {
    name: 'anthropic-b',
    health: 'degraded',
    requestsPerMinute: 38,
    errorShare: 0.081,
    retriedShare: 0.21,
    timeToFirstByteP50Ms: 1_104,
    timeToFirstByteP95Ms: 8_200,
    openRequests: 7,
    lastError: { at: SNAPSHOT_AT - 9_000, code: 'rate_limit_error' },
    routes: ['claude-opus', 'claude-think'],
  },
];

const ALERTS: readonly LiveAlert[] = [
  { firedAt: SNAPSHOT_AT - 153_000, clearedAt: null, subject: 'orbit', message: 'balance below 1 h at the present burn' },
  { firedAt: SNAPSHOT_AT - 415_000, clearedAt: SNAPSHOT_AT - 375_000, subject: 'anthropic-b', message: 'upstream down' },
];

/** Five buyers of every kind, three routes, two upstreams, 41 requests a second. */
export function busySnapshot(): LiveSnapshot {
  return {
    ...emptySnapshot(),
    overview: {
      tokenSeries: perClass([wave(812, 0), wave(344, 1), wave(2_110, 2), wave(60, 3), wave(48_210, 4)]),
      tokensPerSecond: tokenCounts(812, 344, 2_110, 60, 48_210),
      chargePerMinute: perClass([usdc(0.1949), usdc(0.4128), usdc(0.633), usdc(0.0288), usdc(1.157)]),
      lastMinute: usage({ requests: 2_478, tokens: [48_720, 20_640, 126_600, 3_600, 2_892_600], charges: [0.1949, 0.4128, 0.633, 0.0288, 1.157], errors: 10, refused: 3, saved: 10.2724 }),
      today: usage({ requests: 410_220, tokens: [8_120_000, 3_440_000, 21_100_000, 600_000, 482_100_000], charges: [14.21, 30.1, 46.15, 2.1, 84.36], errors: 1_204, refused: 41, saved: 1_880.2 }),
      requestsPerSecond: 41.3,
      timeToFirstByteP50Ms: 420,
      timeToFirstByteP95Ms: 1_930,
      unreadWrites: { tokens: 31_004, charge: usdc(0.15502) },
    },
    buyers: BUSY_BUYERS,
    routes: ROUTES,
    keys: [
      key(1, ACME, 'prod'),
      key(2, ACME, 'ci', { burnPerHour: micro(0), lastUsedAt: null, today: NO_USAGE }),
      key(3, ORBIT, 'default'),
      key(4, ZEPHYR, 'default'),
      key(5, KITE, 'agents'),
      key(6, KITE, 'old laptop', { revokedAt: SNAPSHOT_AT - 3_600_000, burnPerHour: micro(0) }),
      key(7, LUMEN, 'default', { lastUsedAt: null, burnPerHour: micro(0), today: NO_USAGE }),
    ],
    requests: { openCount: 171, held: usdc(5.42), chargedSoFar: usdc(1.204118), open: OPEN, ended: ENDED },
    upstreams: UPSTREAMS,
    alerts: ALERTS,
  };
}

/** One buyer, one key, one small request a minute or so; nothing failed. */
export function quietSnapshot(): LiveSnapshot {
  const ada = buyer({ id: 1, name: 'ada', balance: 50, held: 0, burn: 0.02, tokens: [412, 190, 0, 0, 0], keys: 1, saved: 0 });
  const last = usage({ requests: 1, tokens: [21, 12, 0, 0, 0], charges: [0.000084, 0.00024, 0, 0, 0] });
  return {
    ...emptySnapshot(),
    overview: { ...EMPTY_OVERVIEW, tokensPerSecond: tokenCounts(0.35, 0.2, 0, 0, 0), chargePerMinute: last.chargeByClass, lastMinute: last, today: ada.today, requestsPerSecond: 1 / 60, timeToFirstByteP50Ms: 611, timeToFirstByteP95Ms: 611 },
    buyers: [ada],
    routes: [{ ...(ROUTES[0] as LiveRoute), lastHour: last, today: ada.today }],
    keys: [key(1, ada, 'default')],
    requests: { ...emptySnapshot().requests, ended: [{ ...(ENDED[0] as LiveRequest), buyerName: 'ada', keyId: 1 as KeyId }] },
    upstreams: [{ ...(UPSTREAMS[0] as LiveUpstream), requestsPerMinute: 1, errorShare: 0, retriedShare: 0, openRequests: 0, lastError: null }],
  };
}

import { describe, expect, it } from 'vitest';
import { evaluate, type Finding } from '../../src/alerts/evaluate.ts';
import type { AlertFacts, BuyerFacts, UpstreamFacts } from '../../src/alerts/facts.ts';
import type { AlertRule } from '../../src/config.ts';
import type { BuyerId } from '../../src/ids.ts';
import { micro, ZERO } from '../../src/money.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

const usdc = (amount: number) => micro(BigInt(Math.round(amount * 1e6)));

function buyer(rest: Partial<BuyerFacts> = {}): BuyerFacts {
  return {
    buyerId: 3 as BuyerId,
    name: 'acme',
    disabled: false,
    funded: true,
    balance: usdc(100),
    available: usdc(100),
    burnPerHour: ZERO,
    emptyInMinutes: null,
    shortfall: ZERO,
    estimated: 0,
    ...rest,
  };
}

interface Case {
  readonly buyers?: readonly BuyerFacts[];
  readonly errors?: readonly [errors: number, requests: number];
  readonly upstream?: Partial<UpstreamFacts>;
  readonly fires?: boolean;
}

const WINDOW = 300_000;
const FOR = 60_000;

/** What the rule finds; `fires`: it does so already, for whatever it is about. */
function findings(rule: AlertRule, { buyers = [], errors = [0, 0], upstream, fires = false }: Case): Finding[] {
  const facts: AlertFacts = {
    buyers,
    errors: new Map([[WINDOW, { errors: errors[0], requests: errors[1] }]]),
    upstreams: new Map([[FOR, upstream ? [{ name: 'main', faults: 0, answered: false, lastEndedAt: NOW, ...upstream }] : []]]),
  };
  return evaluate(rule, { facts, now: NOW, firing: new Set(fires ? ['buyer_3', 'gateway', 'upstream:main'] : []) });
}
const messages = (rule: AlertRule, c: Case): string[] => findings(rule, c).map(({ message }) => message);

describe('balance_below', () => {
  const rule: AlertRule = { name: 'low', when: 'balance_below', amount: usdc(10), buyers: null };

  it.each([
    ['well above', buyer(), false],
    ['at the limit', buyer({ balance: usdc(10) }), false],
    ['a micro below', buyer({ balance: usdc(9.999999) }), true],
    ['negative after an adjustment', buyer({ balance: usdc(-1) }), true],
    ['low only for what is held', buyer({ balance: usdc(12), available: usdc(1) }), false],
    ['of a buyer that is disabled', buyer({ balance: ZERO, disabled: true }), false],
    ['of a buyer that was never topped up', buyer({ balance: ZERO, funded: false }), false],
  ])('a balance %s', (_, facts, expected) => {
    expect(findings(rule, { buyers: [facts] })).toHaveLength(expected ? 1 : 0);
    expect(findings(rule, { buyers: [facts], fires: true }), 'no less when it fires already').toHaveLength(expected ? 1 : 0);
  });

  it('says whom it concerns, in words and figures', () => {
    expect(findings(rule, { buyers: [buyer({ balance: usdc(8.2), available: usdc(7) })] })).toEqual([
      {
        subject: 'buyer_3',
        subjectName: 'acme',
        message: 'the balance of 8.20 USDC is below 10.00',
        detail: { balanceUsdMicros: 8_200_000, availableUsdMicros: 7_000_000, limitUsdMicros: 10_000_000 },
      },
    ]);
    expect(messages(rule, { buyers: [buyer({ balance: usdc(9.999) })] })).toEqual(['the balance of 9.999000 USDC is below 10.000000']);
  });

  it('looks only at the buyers that it names, by name whatever its case, or by id', () => {
    const low = [buyer({ balance: ZERO }), buyer({ buyerId: 4 as BuyerId, name: 'Globex', balance: ZERO }), buyer({ buyerId: 33 as BuyerId, name: 'initech', balance: ZERO })];
    const subjects = (buyers: readonly string[] | null): string[] => findings({ ...rule, buyers }, { buyers: low }).map(({ subject }) => subject);
    expect(subjects(null)).toEqual(['buyer_3', 'buyer_4', 'buyer_33']);
    expect(subjects(['globex', 'buyer_3'])).toEqual(['buyer_3', 'buyer_4']);
    expect(subjects(['nobody'])).toEqual([]);
  });
});

describe('empty_within', () => {
  const rule: AlertRule = { name: 'soon', when: 'empty_within', hours: 4, buyers: null };
  const burning = (emptyInMinutes: number | null, more: Partial<BuyerFacts> = {}): BuyerFacts => buyer({ burnPerHour: usdc(10), emptyInMinutes, ...more });

  it.each([
    ['nothing burns', burning(null), false, false],
    ['in five hours', burning(300), false, false],
    ['a minute less than five', burning(299), false, true],
    ['in four hours', burning(240), false, true],
    ['a minute less than four', burning(239), true, true],
    ['now', burning(0), true, true],
    ['already, and nothing burns any more', burning(null, { available: ZERO }), false, true],
    ['of a buyer that is disabled', burning(5, { disabled: true }), false, false],
  ])('empty %s', (_, facts, begins, goesOn) => {
    expect(findings(rule, { buyers: [facts] }).length > 0, 'begins to fire').toBe(begins);
    expect(findings(rule, { buyers: [facts], fires: true }).length > 0, 'goes on firing').toBe(goesOn);
  });

  it('says how long is left', () => {
    expect(messages(rule, { buyers: [burning(130)] })).toEqual(['empty in 2h 10m at the present burn of 10.00 USDC/h']);
    expect(messages(rule, { buyers: [burning(-3)] })).toEqual(['empty at the present burn of 10.00 USDC/h']);
  });
});

describe('spend_above', () => {
  const rule: AlertRule = { name: 'spend', when: 'spend_above', amount: usdc(8), buyers: null };

  it.each([
    [6, false, false],
    [6.000001, false, true],
    [8, false, true],
    [8.000001, true, true],
  ])('%d USDC an hour', (burn, begins, goesOn) => {
    const buyers = [buyer({ burnPerHour: usdc(burn) })];
    expect(findings(rule, { buyers }).length > 0, 'begins to fire').toBe(begins);
    expect(findings(rule, { buyers, fires: true }).length > 0, 'goes on firing').toBe(goesOn);
  });
});

describe('amounts in words', () => {
  it('are told in full where two decimals would hide them', () => {
    const rule: AlertRule = { name: 'spend', when: 'spend_above', amount: usdc(0.001), buyers: null };
    expect(findings(rule, { buyers: [buyer({ burnPerHour: usdc(0.01) })] })).toMatchObject([{ message: 'charged 0.010000 USDC in the last 60 minutes, the limit is 0.001000' }]);
  });
});

describe('error_share_above', () => {
  const rule: AlertRule = { name: 'errors', when: 'error_share_above', share: 0.2, windowMs: WINDOW, least: 20 };

  it.each([
    [0, 0, false, false],
    [19, 19, false, true],
    [3, 20, false, false],
    [4, 25, false, true],
    [4, 20, false, true],
    [5, 20, true, true],
    [20, 20, true, true],
  ])('%d of %d requests', (errors, requests, begins, goesOn) => {
    expect(findings(rule, { errors: [errors, requests] }).length > 0, 'begins to fire').toBe(begins);
    expect(findings(rule, { errors: [errors, requests], fires: true }).length > 0, 'goes on firing').toBe(goesOn);
  });

  it('says the share and the time', () => {
    expect(messages(rule, { errors: [12, 48] })).toEqual(['12 of 48 requests (25%) broke in the last 5 min, the limit is 20%']);
  });
});

describe('upstream_down', () => {
  const rule: AlertRule = { name: 'down', when: 'upstream_down', forMs: FOR };

  it.each<[string, Partial<UpstreamFacts> | undefined, boolean, boolean]>([
    ['had no requests at all', undefined, false, false],
    ['failed twice', { faults: 2 }, false, true],
    ['failed three times', { faults: 3 }, true, true],
    ['failed a hundred times and answered once', { faults: 100, answered: true }, false, false],
    ['had no requests for a minute', { faults: 0, lastEndedAt: NOW - 2 * FOR }, false, true],
    ['had no requests for an hour', { faults: 0, lastEndedAt: NOW - HOUR }, false, false],
  ])('an upstream that %s', (_, upstream, begins, goesOn) => {
    const facts = upstream ? { upstream } : {};
    expect(findings(rule, facts).length > 0, 'begins to fire').toBe(begins);
    expect(findings(rule, { ...facts, fires: true }).length > 0, 'goes on firing').toBe(goesOn);
  });

  it('is told by its name', () => {
    expect(findings(rule, { upstream: { faults: 14 } })).toEqual([
      { subject: 'upstream:main', subjectName: 'main', message: 'all 14 requests that ended in the last 1 min failed by its fault', detail: { faults: 14, forMs: FOR } },
    ]);
  });
});

describe('what should never happen', () => {
  it('fires for a shortfall', () => {
    const rule: AlertRule = { name: 'shortfall', when: 'shortfall', buyers: null };
    expect(messages(rule, { buyers: [buyer()], fires: true })).toEqual([]);
    expect(messages(rule, { buyers: [buyer({ shortfall: micro(1) })] })).toEqual(['charges of the last 60 minutes exceeded the balance by 0.000001 USDC']);
  });

  it('fires for estimated usage', () => {
    const rule: AlertRule = { name: 'estimated', when: 'usage_estimated', buyers: null };
    expect(messages(rule, { buyers: [buyer()], fires: true })).toEqual([]);
    expect(messages(rule, { buyers: [buyer({ estimated: 2 })] })[0]).toMatch(/^2 charges were estimated/);
  });
});

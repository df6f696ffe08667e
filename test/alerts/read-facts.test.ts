import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFacts } from '../../src/alerts/read-facts.ts';
import type { UpstreamFacts } from '../../src/alerts/facts.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { RequestRecord } from '../../src/ledger/ledger.ts';
import { micro, ZERO } from '../../src/money.ts';
import { openCliFolder, type CliFolder } from '../cli/cli-run.ts';
import { recordRefusal, settleRequest } from '../reports/settled-request.ts';

/** Later than any top-up of these tests: ledger time never runs backwards. */
const NOW = Date.UTC(2060, 10, 23, 12, 0, 30);
const MINUTE = 60_000;
/** From the start of a request to its settlement, as `settleRequest` has it. */
const TOOK = 842;

let cli: CliFolder;
let db: Db;
beforeEach(async () => {
  cli = openCliFolder();
  for (const args of ['buyer create acme', 'key create acme', 'topup acme 10', 'route create fast --upstream anthropic', 'buyer create globex']) await cli.run(args.split(' '));
  db = openDatabase(cli.database, { mode: 'write' });
});
afterEach(() => {
  db.close();
  cli.remove();
});

interface Ended {
  /** How long before now it was settled. */
  readonly ago: number;
  readonly charge?: bigint;
  readonly hold?: bigint;
  readonly record?: Partial<RequestRecord>;
}

function ended(...requests: readonly Ended[]): void {
  for (const { ago, charge = 0n, hold = charge, record } of requests.toSorted((a, b) => b.ago - a.ago))
    settleRequest(db, { route: 'fast', at: NOW - ago - TOOK, charge: micro(charge), hold: micro(hold), record: { upstream: 'anthropic', ...record } });
}

describe('of buyers', () => {
  const acme = (now = NOW) => readFacts(db, [{ name: 'r', when: 'shortfall', buyers: null }], now).buyers.find(({ name }) => name === 'acme');

  it('has what they have and burn, and whether they were ever topped up', () => {
    ended({ ago: 59 * MINUTE, charge: 1_000_000n }, { ago: 61 * MINUTE, charge: 2_000_000n });
    const { buyers } = readFacts(db, [{ name: 'r', when: 'balance_below', amount: micro(1), buyers: null }], NOW);
    expect(buyers).toEqual([
      {
        buyerId: 1,
        name: 'acme',
        disabled: false,
        funded: true,
        balance: 7_000_000n,
        available: 7_000_000n,
        burnPerHour: 1_000_000n,
        emptyInMinutes: 420,
        shortfall: ZERO,
        estimated: 0,
      },
      expect.objectContaining({ buyerId: 2, name: 'globex', funded: false, balance: ZERO, emptyInMinutes: null }),
    ]);
  });

  it('has shortfalls and estimates of the last 60 minutes', () => {
    const estimated = { record: { usageSource: 'estimated' as const } };
    ended({ ago: 50 * MINUTE, charge: 12_000_000n, hold: 1_000_000n }, { ago: 40 * MINUTE, charge: 5n, hold: 0n, ...estimated }, { ago: 30 * MINUTE, charge: 0n });
    expect(acme()).toMatchObject({ shortfall: 2_000_005n, estimated: 1 });
    expect(acme(NOW + 15 * MINUTE)).toMatchObject({ shortfall: 5n, estimated: 1 });
    expect(acme(NOW + 25 * MINUTE)).toMatchObject({ shortfall: ZERO, estimated: 0 });
  });
});

describe('of errors', () => {
  const errors = (windowMs: number) => readFacts(db, [{ name: 'r', when: 'error_share_above', share: 0.1, windowMs, least: 1 }], NOW).errors.get(windowMs);

  it('counts what ended in the window, without what was refused', () => {
    const broke = { record: { status: 'upstream_error' as const, httpStatus: 529 } };
    ended({ ago: 9 * MINUTE, ...broke }, { ago: 4 * MINUTE, ...broke }, { ago: 3 * MINUTE }, { ago: MINUTE, ...broke }, { ago: 0 });
    recordRefusal(db, { at: NOW, code: 'not_found' });
    expect(errors(5 * MINUTE)).toEqual({ requests: 4, errors: 2 });
    expect(errors(10 * MINUTE)).toEqual({ requests: 5, errors: 3 });
    expect(errors(MINUTE)).toEqual({ requests: 1, errors: 0 });
  });

  it('has none where nothing ended', () => {
    expect(errors(MINUTE)).toEqual({ requests: 0, errors: 0 });
  });
});

describe('of upstreams', () => {
  const upstreams = (forMs = MINUTE): readonly UpstreamFacts[] | undefined => readFacts(db, [{ name: 'r', when: 'upstream_down', forMs }], NOW).upstreams.get(forMs);
  const fault = { record: { status: 'upstream_error' as const, httpStatus: 500 } };
  const clients = { record: { status: 'upstream_error' as const, httpStatus: 400 } };
  const left = { record: { status: 'client_left' as const, httpStatus: 200 } };

  it('counts the failures that are the upstream’s, of that time', () => {
    ended({ ago: 2 * MINUTE, ...fault }, { ago: 50_000, ...fault }, { ago: 20_000, ...fault }, { ago: 10_000, ...left });
    expect(upstreams()).toEqual([{ name: 'anthropic', faults: 2, answered: false, lastEndedAt: NOW - 20_000 }]);
    expect(upstreams(5 * MINUTE)).toMatchObject([{ faults: 3 }]);
  });

  it.each([
    ['completed', {}],
    ['told the client of its mistake', clients],
  ])('one that %s was answered', (_, answer) => {
    ended({ ago: 50_000, ...fault }, { ago: 20_000, ...answer }, { ago: 10_000, ...fault });
    expect(upstreams()).toMatchObject([{ faults: 2, answered: true }]);
    expect(upstreams(15_000)).toMatchObject([{ faults: 1, answered: false }]);
  });

  it('tells them apart, and leaves out those without requests', () => {
    ended({ ago: 20_000, ...fault }, { ago: 10_000, record: { upstream: 'other' } });
    expect(upstreams()).toMatchObject([
      { name: 'anthropic', faults: 1, answered: false },
      { name: 'other', faults: 0, answered: true },
    ]);
    expect(upstreams()).toHaveLength(2);
  });

  it('sees an answer among more requests than it reads one by one', () => {
    ended({ ago: 40_000 });
    const copy = db.prepare(`INSERT INTO requests SELECT id + :step, buyer_id, key_id, route_id, card_version, model, response_model, 'upstream_error', 529, NULL,
      input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, charge, hold, shortfall, usage_source, quote_basis, flags, detail,
      upstream, upstream_request_id, attempts, started_at, duration_ms, time_to_first_byte_ms, :at, list_cost, output_tokens_max FROM requests ORDER BY id LIMIT 1`);
    db.transaction(() => {
      for (let i = 1; i <= 20_000; i++) copy.run({ step: BigInt(i * 4), at: BigInt(NOW) });
    })();
    expect(upstreams()).toMatchObject([{ name: 'anthropic', faults: 20_000, answered: false }]);
    expect(upstreams(5 * MINUTE)).toMatchObject([{ name: 'anthropic', faults: 20_000, answered: true }]);
  });
});

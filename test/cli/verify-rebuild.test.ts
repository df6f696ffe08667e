import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_TOKENS } from '../../src/tokens.ts';
import { settleRequest } from '../reports/settled-request.ts';
import { openFundedFolder, type FundedFolder } from './funded-folder.ts';

// Later than the top-up, which is made now: ledger time never runs backwards.
const AT = Date.UTC(2080, 0, 20, 12);
let cli: FundedFolder;
beforeEach(async () => {
  cli = await openFundedFolder({ topUp: '1000' });
  const parts = [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, input: 1000, cacheRead: 5 } }];
  for (let i = 0; i < 5; i++) settleRequest(cli.db, { route: 'fast', at: AT + i * 50_000_000, parts });
});
afterEach(() => cli.remove());

test('verify finds a wrong sum and says what mends it, --rebuild mends it and says what it did', async () => {
  expect(await cli.run(['verify'])).toMatchObject({ code: 0, out: expect.stringMatching(/ok\tusage sums\t[^]*ok\tusage and ledger\t/) as string });
  cli.db.exec('UPDATE usage_hours SET list_cost = 0 WHERE hour = (SELECT min(hour) FROM usage_hours)');
  expect(await cli.run(['verify'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/FAILED\tusage sums\tusage_hours, hour \d+, key_id 1, route_id 1, model claude-opus-4-6: list_cost is 0 and should be 5003; `ainogap verify --rebuild` sums anew/) as string,
  });
  expect(await cli.run(['verify', '--rebuild'])).toMatchObject({
    code: 0,
    err: 'Summed 5 requests anew: replaced 0 minutes, 1 hours, 0 days and 0 sums that differed.\n',
  });
  expect(await cli.run(['verify', '--rebuild'])).toMatchObject({ code: 0, err: 'Summed 5 requests anew: no bucket differed.\n' });
});

test('with --json the document says what was replaced, and nothing else is said', async () => {
  cli.db.exec('DELETE FROM usage_days');
  const { code, out, err } = await cli.run(['verify', '--rebuild', '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ ok: true, rebuilt: { minutes: 0, hours: 0, days: 3, sums: 0, requests: 5 } });
});

test('a request that cannot be priced is named, and nothing is changed', async () => {
  cli.db.exec("DROP TRIGGER requests_immutable; UPDATE requests SET model = 'other' WHERE id = (SELECT min(id) FROM requests); DELETE FROM usage_days");
  const { code, err } = await cli.run(['verify', '--rebuild']);
  expect(code).toBe(1);
  expect(err).toMatch(/usage cannot be summed: req_\w+ asked for a model that pc_1 does not price[^]*ainogap verify/);
  expect(cli.db.prepare('SELECT count(*) FROM usage_days').pluck().get()).toBe(0);
});

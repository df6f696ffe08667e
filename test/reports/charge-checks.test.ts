import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { openFundedFolder, type FundedFolder } from '../cli/funded-folder.ts';
import { settleRequest } from './settled-request.ts';

const AT = Date.UTC(2026, 10, 23, 12);
const model = 'claude-opus-4-6';
const part = (input: number, name = model) => ({ model: name, tokens: { ...NO_TOKENS, input, output: 7, cacheRead: 100 } });

let cli: FundedFolder;
beforeEach(async () => {
  cli = await openFundedFolder({ topUp: '1000' });
  let at = AT;
  const settle = (request: Omit<Parameters<typeof settleRequest>[1], 'route' | 'at'>) => settleRequest(cli.db, { route: 'fast', at: at++, ...request });
  settle({ parts: [part(1000)] });
  settle({ parts: [part(2000), part(50, 'claude-haiku-4-5')], inferenceGeo: 'us', serviceTier: 'batch', webSearchRequests: 3 });
  settle({ parts: [part(3000)], charge: 5n as never, record: { usageSource: 'estimated' } });
  settle({ charge: 0n as never, record: { usageSource: 'none', status: 'upstream_error' } });
});
afterEach(() => cli.remove());

const failed = () => verifyDatabase(cli.db, reportChecks()).checks.filter(({ ok }) => !ok);

it('every charge is recomputed, in pages', () => {
  for (let i = 0; i < 2_100; i++) settleRequest(cli.db, { route: 'fast', at: AT + 1000 + i, parts: [part(i)] });
  expect(failed()).toEqual([]);
  cli.db.exec('DROP TRIGGER requests_immutable; UPDATE requests SET input_tokens = input_tokens + 1 WHERE id = (SELECT max(id) FROM requests)');
  expect(failed()).toMatchObject([{ name: 'prices', detail: expect.stringMatching(/^req_\w+ is charged \d+ micro-USDC, its counts cost \d+ by pc_1$/) as string }, { name: 'usage sums' }]);
});

describe('verify finds', () => {
  it.each([
    ['counts that cost something else', 'UPDATE requests SET input_tokens = 7 WHERE input_tokens = 1000', 'prices'],
    ['a detail that costs something else', `UPDATE requests SET detail = replace(detail, '"us"', '"eu"') WHERE detail LIKE '%us%'`, 'prices'],
    ['parts that do not add up to the counts', `UPDATE requests SET detail = replace(detail, '2000', '2001') WHERE detail LIKE '%2000%'`, 'prices'],
    ['an estimate above what its counts cost', "UPDATE requests SET input_tokens = 0, output_tokens = 0, cache_read_tokens = 0 WHERE usage_source = 'estimated'", 'prices'],
    ['a charge for no usage', "UPDATE requests SET usage_source = 'none' WHERE input_tokens = 1000", 'prices'],
    ['a usage from nowhere', "UPDATE requests SET usage_source = 'lies' WHERE input_tokens = 1000", 'prices'],
    ['a settled request whose card is missing', 'UPDATE requests SET card_version = 999 WHERE charge = 0', 'prices'],
    ['a charge by no card', 'UPDATE requests SET card_version = NULL WHERE input_tokens = 1000', 'prices'],
    ['a model that the card does not price', "UPDATE requests SET model = 'other' WHERE input_tokens = 1000", 'prices'],
    ['a detail that is no JSON', "UPDATE requests SET detail = '{' WHERE input_tokens = 1000", 'prices'],
    ['a card that is no JSON', "UPDATE price_cards SET body = 'not json'", 'price cards'],
    ['a card with a price that is none', `UPDATE price_cards SET body = replace(body, '"5000000"', '"-5"')`, 'price cards'],
  ])('%s', async (_, sql, check) => {
    cli.db.exec(`DROP TRIGGER requests_immutable; DROP TRIGGER price_cards_immutable; ${sql}`);
    expect(failed().map(({ name }) => name)).toContain(check);
    expect(await cli.run(['verify'])).toMatchObject({ code: 1 });
  });
});

/** Claude Code, headless and unmodified, through the gateway. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chargeOf, expectBalancedBooks, requestsOf } from '../support/books.ts';
import { claudeCode, claudeCodeEnv } from '../support/claude-code.ts';
import { NEW_MODEL, startProduct, type Product } from '../support/product.ts';
import { runProgram, type Finished } from '../support/run-program.ts';

describe.skipIf(claudeCode === null)('Claude Code', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(async () => await product.stop());

  const claude = (credential: Record<string, string>, ...args: string[]): Promise<Finished> =>
    runProgram(claudeCode as string, ['--model', NEW_MODEL, ...args], {
      cwd: product.folder,
      env: { ...claudeCodeEnv(product.folder), ANTHROPIC_BASE_URL: product.baseUrl, ...credential },
    });

  /** What it answered, after it was seen that each of its requests is billed by its row. */
  async function answerOf(run: Promise<Finished>): Promise<string> {
    const before = (await requestsOf(product)).length;
    const { code, stdout, stderr } = await run;
    expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
    const rows = (await requestsOf(product)).slice(0, -before || undefined);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toMatchObject({ status: 'completed', usageSource: 'reported', httpStatus: 200 });
      if (row.model === NEW_MODEL) expect(row.buyerChargeUsdMicros).toBe(chargeOf(row));
    }
    await expectBalancedBooks(product);
    return stdout;
  }

  test('answers one turn with its auth token', async () => {
    const answer = await answerOf(claude({ ANTHROPIC_AUTH_TOKEN: product.key }, '-p', 'Good morning to you'));
    expect(answer).toContain('Good morning to you');
  });

  test('answers one turn with its API key', async () => {
    const answer = await answerOf(claude({ ANTHROPIC_API_KEY: product.key }, '-p', 'Good evening to you'));
    expect(answer).toContain('Good evening to you');
  });

  test('runs a tool and answers with what it gave, its second turn reading what the first wrote to the cache', async () => {
    const before = (await requestsOf(product)).length;
    const prompt = 'Please do it. [[tool:Bash {"command":"echo $((41+1))-from-the-shell","description":"Print"}]]';
    const answer = await answerOf(claude({ ANTHROPIC_AUTH_TOKEN: product.key }, '--allowedTools', 'Bash', '-p', prompt));
    expect(answer).toContain('42-from-the-shell');
    const turns = (await requestsOf(product)).slice(0, -before).filter(({ model }) => model === NEW_MODEL);
    expect(turns.length).toBeGreaterThanOrEqual(2);
    expect(turns.some((row) => row.cacheWrite5mTokens + row.cacheWrite1hTokens > 0)).toBe(true);
    expect(turns.some((row) => row.cacheReadTokens > 0)).toBe(true);
  });

  test('says that the balance is empty, and does not try for minutes', async () => {
    await product.json('buyer', 'create', 'broke');
    const { routeApiKey } = await product.json<{ routeApiKey: string }>('key', 'create', 'broke');
    const { code, stdout, stderr } = await claude({ ANTHROPIC_AUTH_TOKEN: routeApiKey }, '-p', 'Hello');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/balance|top/i);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(async () => {
  cli = openCliFolder();
  await cli.run(['buyer', 'create', 'acme']);
});
afterEach(() => cli.remove());

const balance = async (): Promise<number> => ((await cli.json('balance', 'acme')) as { balanceUsdMicros: number }).balanceUsdMicros;

describe('ainogap topup', () => {
  it('prints before and after', async () => {
    await cli.run(['topup', 'acme', '112.40']);
    const { code, out } = await cli.run(['topup', 'acme', '100', '--reference', 'tx_0x91']);
    expect(code).toBe(0);
    expect(out).toMatch(/^acme {2}\+100\.000000 USDC {2}balance 112\.40 → 212\.40 {2}ledger #\d+\n$/);
    expect(await balance()).toBe(212_400_000);
  });

  it('keeps six decimals exactly and refuses a seventh', async () => {
    await cli.run(['topup', 'acme', '0.000001']);
    expect(await balance()).toBe(1);
    const { code, err } = await cli.run(['topup', 'acme', '1.0000001']);
    expect({ code, err }).toEqual({ code: 2, err: 'error: topup amount "1.0000001" has more than 6 decimals (USDC has 6).\n' });
    expect(await balance()).toBe(1);
  });

  it.each(['abc', '1e3', '1,000', '', '0x10', 'NaN', '9999999999999'])('does not take %j for an amount', async (text) => {
    expect(await cli.run(['topup', 'acme', text])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('topup amount') as string });
    expect(await balance()).toBe(0);
  });

  it('applies a reference once, and says so', async () => {
    await cli.run(['topup', 'acme', '10', '--reference', 'tx1']);
    const again = await cli.run(['topup', 'acme', '10', '--reference', 'tx1']);
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('applied before: nothing was changed') as string });
    expect(await cli.json('topup', 'acme', '10', '--reference', 'tx1')).toMatchObject({ applied: false, balanceUsdMicros: 10_000_000 });
    expect(await balance()).toBe(10_000_000);
  });

  it('refuses a reference that was used for something else', async () => {
    await cli.run(['buyer', 'create', 'globex']);
    await cli.run(['topup', 'acme', '10', '--reference', 'tx1']);
    expect(await cli.run(['topup', 'acme', '11', '--reference', 'tx1'])).toMatchObject({ code: 1, err: expect.stringContaining('another amount') as string });
    expect(await cli.run(['topup', 'globex', '10', '--reference', 'tx1'])).toMatchObject({ code: 1, err: expect.stringContaining('another buyer') as string });
    expect(await balance()).toBe(10_000_000);
  });

  it.each([
    [['-5'], 'needs --adjust'],
    [['-5', '--adjust'], 'needs --reason'],
    [['5', '--adjust'], 'needs --reason'],
    [['5', '--reason', 'x'], '--reason belongs to --adjust'],
    [['0'], 'is 0'],
    [['5', '--reference', ''], '--reference'],
    [['5', '--reference', 'a\u001b[31m'], '--reference'],
  ])('refuses %j as wrong usage', async (rest, words) => {
    expect(await cli.run(['topup', 'acme', ...rest])).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) as string });
    expect(await balance()).toBe(0);
  });

  it('adjusts down to what is held and no further', async () => {
    await cli.run(['topup', 'acme', '10']);
    const db = openDatabase(cli.database, { mode: 'write' });
    db.exec('UPDATE accounts SET debits_pending = 4000000 WHERE id = 1');
    db.close();
    const tooMuch = await cli.run(['topup', 'acme', '-6.000001', '--adjust', '--reason', 'error']);
    expect(tooMuch).toMatchObject({ code: 1, out: '' });
    expect(tooMuch.err).toContain('6.000000 is available (balance 10.000000, held 4.000000)');
    expect(await cli.json('topup', 'acme', '-6', '--adjust', '--reason', 'error')).toMatchObject({
      kind: 'adjust',
      amountUsdMicros: -6_000_000,
      balanceBeforeUsdMicros: 10_000_000,
      balanceUsdMicros: 4_000_000,
      availableUsdMicros: 0,
      reason: 'error',
    });
  });

  it('has JSON with ids as text and money as integers', async () => {
    expect(await cli.json('topup', 'acme', '0.5', '--reference', 'tx')).toEqual({
      buyerId: 'buyer_1',
      name: 'acme',
      applied: true,
      kind: 'deposit',
      amountUsdMicros: 500_000,
      balanceBeforeUsdMicros: 0,
      balanceUsdMicros: 500_000,
      heldUsdMicros: 0,
      availableUsdMicros: 500_000,
      transferId: expect.stringMatching(/^\d+$/) as string,
      reference: 'tx',
      reason: null,
    });
  });
});

describe('ainogap balance', () => {
  it('shows one buyer in a line', async () => {
    await cli.run(['topup', 'acme', '212.40']);
    expect((await cli.run(['balance', 'acme'])).out).toBe('balance 212.40   held 0.00   available 212.40   burn 0.00/h   empty in —\n');
  });

  it('never shows 0.00 for what is not zero', async () => {
    await cli.run(['topup', 'acme', '0.000001']);
    expect((await cli.run(['balance', 'acme'])).out).toContain('balance <0.01');
  });

  it('lists all buyers as tab-separated values in a pipe', async () => {
    await cli.run(['buyer', 'create', 'globex']);
    await cli.run(['topup', 'acme', '1']);
    expect((await cli.run(['balance'])).out).toBe(
      'buyer\tbalance\theld\tavailable\tburnPerHour\temptyInMinutes\n' +
        'acme\t1.000000\t0.000000\t1.000000\t0.000000\t\n' +
        'globex\t0.000000\t0.000000\t0.000000\t0.000000\t\n',
    );
    expect(await cli.json('balance')).toMatchObject({ balances: [{ name: 'acme', availableUsdMicros: 1_000_000 }, { name: 'globex' }] });
  });
});

import * as os from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deposit } from '../../src/actions/deposit.ts';
import { createBuyer } from '../../src/actions/create-buyer.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { auditWords } from '../../src/cli/audit-words.ts';
import { createOperatorActions } from '../../src/cli/operator-actions.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createDemo } from '../../src/demo.ts';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const HOUR = 3_600_000;

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

interface Entry {
  readonly action: string;
  readonly subject: string;
  readonly actor: string;
  readonly via: string;
}

const audit = async (...argv: string[]): Promise<Entry[]> => ((await cli.json('audit', ...argv)) as { audit: Entry[] }).audit;
const actionsOf = async (...argv: string[]): Promise<string[]> => (await audit(...argv)).map(({ action }) => action);

/** Each must go well; the first one at NOW, each later one an hour after. */
async function did(...lines: string[]): Promise<void> {
  for (const [i, line] of lines.entries()) {
    const { code, err } = await cli.run(line.split(' '), { now: NOW + i * HOUR });
    if (code !== 0) throw new Error(`${line}: ${err}`);
  }
}

/** Every command that changes something. */
const ALL = [
  ['buyer create acme', 'buyer.create', 'buyer_1'],
  ['key create acme --label ci', 'key.create', 'key_1'],
  ['topup acme 112.4', 'ledger.deposit', 'buyer_1'],
  ['topup acme -2.5 --adjust --reason twice', 'ledger.adjust', 'buyer_1'],
  ['key rotate acme', 'key.rotate', 'key_1'],
  ['key revoke key_2 --yes', 'key.revoke', 'key_2'],
  ['buyer disable acme --yes', 'buyer.disable', 'buyer_1'],
  ['buyer enable acme', 'buyer.enable', 'buyer_1'],
  ['route create fast --upstream anthropic', 'route.create', 'route:fast'],
  ['route set fast --multiplier 1.1', 'route.change', 'route:fast'],
  ['route delete fast --yes', 'route.delete', 'route:fast'],
] as const;

describe('what is recorded', () => {
  it('is every change that a command makes, under the name of the user', async () => {
    await did(...ALL.map(([line]) => line));
    const user = { actorKind: 'cli', actor: os.userInfo().username, via: 'cli', address: null };
    expect(await audit()).toMatchObject(ALL.map(([, action, subject]) => ({ ...user, action, subject })).toReversed());
  });

  it('is what the live view does', async () => {
    await did('buyer create acme', 'key create acme', 'key create acme');
    const operator = createOperatorActions(cli.database, () => NOW);
    operator.topUp({ buyerId: 1 as BuyerId, amount: micro(5n), reference: 'top_1' });
    operator.rotateKey(1 as KeyId);
    operator.revokeKey(2 as KeyId);
    operator.setBuyerDisabled(1 as BuyerId, true);
    operator.setBuyerDisabled(1 as BuyerId, false);
    const made = (await audit()).filter(({ via }) => via === 'top');
    expect(made.map(({ action }) => action)).toEqual(['buyer.enable', 'buyer.disable', 'key.revoke', 'key.rotate', 'ledger.deposit']);
  });

  it('is what the demo sets up', async () => {
    const demo = createDemo();
    try {
      const { out } = await cli.run(['--config', demo.file, 'audit', '--json']);
      const { audit: entries } = JSON.parse(out) as { audit: Entry[] };
      expect(entries.map(({ action, actor, via }) => `${action} ${actor} ${via}`)).toEqual(['key.create', 'ledger.deposit', 'route.create', 'buyer.create'].map((action) => `${action} demo serve`));
    } finally {
      demo.remove();
    }
  });

  it('is nothing that a command only looked at or was refused', async () => {
    await did('buyer create acme', 'topup acme 1 --reference tx_1', 'topup acme 1 --reference tx_1', 'buyer list', 'buyer show acme', 'key list', 'balance acme', 'buyer enable acme');
    expect((await cli.run(['topup', 'acme', '2', '--reference', 'tx_1'])).code).toBe(1);
    expect((await cli.run(['buyer', 'create', 'acme'])).code).toBe(1);
    expect((await cli.run(['key', 'rotate', 'acme'])).code).toBe(1);
    expect(await actionsOf()).toEqual(['ledger.deposit', 'buyer.create']);
  });
});

describe('choosing', () => {
  beforeEach(() => did(...ALL.slice(0, 6).map(([line]) => line), 'buyer create beta', 'topup beta 1'));

  it('takes a time from which and one until which', async () => {
    expect(await actionsOf('--since', '2026-11-23T15:00Z')).toHaveLength(5);
    expect(await actionsOf('--since', '2026-11-23T13:00Z', '--until', '2026-11-23T15:00Z')).toEqual(['ledger.deposit', 'key.create']);
    expect(await actionsOf('--until', '2026-11-23')).toHaveLength(8);
    expect(await actionsOf('--until', '2026-11-22')).toEqual([]);
  });

  it('takes a buyer, an action, a subject, an actor and a limit', async () => {
    expect(await actionsOf('--buyer', 'beta')).toEqual(['ledger.deposit', 'buyer.create']);
    expect(await actionsOf('--action', 'key')).toEqual(['key.revoke', 'key.rotate', 'key.create']);
    expect(await actionsOf('--action', 'key.rotate')).toEqual(['key.rotate']);
    expect(await actionsOf('--subject', 'key_2')).toEqual(['key.revoke']);
    expect(await actionsOf('--actor', 'nobody')).toEqual([]);
    expect(await actionsOf('--limit', '1')).toEqual(['ledger.deposit']);
  });

  it.each([
    [['--limit', '0'], '--limit takes a whole number'],
    [['--since', 'soon'], '--since: "soon" is not a time'],
    [['--until', 'soon'], '--until: "soon" is not a time'],
    [['--since', '2026-11-23', '--until', '2026-11-22'], '--until: "2026-11-22" is not after --since'],
  ])('refuses %s in words', async (argv, words) => {
    const { code, err } = await cli.run(['audit', ...argv]);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  it('names the nearest buyer where there is none of that name', async () => {
    expect((await cli.run(['audit', '--buyer', 'acm'])).err).toContain('Did you mean "acme"?');
  });
});

describe('showing', () => {
  it('is a table on a terminal, with what changed in words', async () => {
    await did('buyer create acme', 'topup acme 112.4', 'topup acme 100 --reference tx_0x91');
    const { out } = await cli.run(['audit', '--limit', '1'], { terminal: 160, env: { NO_COLOR: '1' } });
    const [head, line] = out.split('\n').map((text) => text.split(/ {2,}/));
    expect(head).toEqual(['time UTC', 'who', 'via', 'address', 'action', 'subject', 'name', 'change']);
    expect(line).toEqual(['11-23 14:00:00', os.userInfo().username, 'cli', 'ledger.deposit', 'buyer_1', 'acme', expect.stringContaining('balance 112.40 → 212.40, amount 100.00') as string]);
  });

  it('fits a narrow terminal', async () => {
    await did(...ALL.map(([line]) => line));
    const { out } = await cli.run(['audit'], { terminal: 80, env: { NO_COLOR: '1' } });
    expect(Math.max(...out.split('\n').map((line) => Array.from(line).length))).toBeLessThanOrEqual(80);
    expect(out).toContain('route:fast');
  });

  it('is tab-separated in a pipe, with everything', async () => {
    await did('buyer create acme', 'topup acme 100 --reference tx_0x91');
    const [head = [], line = []] = (await cli.run(['audit', '--limit', '1'])).out.split('\n').map((text) => text.split('\t'));
    expect(head).toEqual(['auditId', 'at', 'actorKind', 'actor', 'via', 'address', 'action', 'subject', 'subjectName', 'buyerId', 'before', 'after', 'change']);
    const record = Object.fromEntries(head.map((name, i) => [name, line[i]]));
    expect(record).toMatchObject({ auditId: 'audit_2', at: '2026-11-23T13:00:00.000Z', address: '', subjectName: 'acme', before: '{"balanceUsdMicros":0}' });
    expect(JSON.parse(record['after'] ?? '')).toMatchObject({ balanceUsdMicros: 100_000_000, reference: 'tx_0x91' });
  });

  it('lets no text of others steer the terminal', async () => {
    const evil: Actor = { kind: 'admin', name: 'eva\u001b[2J', via: 'console', address: '\u001b]0;x\u0007' };
    const db = openDatabase(cli.database, { mode: 'write' });
    createBuyer(db, evil, { name: 'a\u202eb', now: NOW });
    deposit(db, evil, { buyerId: 1 as BuyerId, amount: micro(5n), kind: 'deposit', reference: 'x\u001b[31m\ny', reason: null }, NOW);
    db.close();
    for (const options of [{}, { terminal: 200 }]) {
      const { out } = await cli.run(['audit'], { ...options, env: { NO_COLOR: '1' } });
      expect(['\u001b', '\u0007', '\u202e'].filter((character) => out.includes(character))).toEqual([]);
      expect(out.trimEnd().split('\n')).toHaveLength(3);
    }
  });

  it('says so when there is nothing, and when there may be more', async () => {
    expect((await cli.run(['audit'])).err).toBe('No changes found.\n');
    await did('buyer create acme', 'buyer create beta');
    expect((await cli.run(['audit', '--limit', '1'])).err).toBe('The newest 1; more with --limit.\n');
  });
});

describe('the words for what changed', () => {
  it.each([
    [{ status: 'enabled' }, { status: 'disabled' }, 'status enabled → disabled'],
    [null, { name: 'acme' }, 'name acme'],
    [{ label: 'ci' }, null, 'label was ci'],
    [{ balanceUsdMicros: 1 }, { balanceUsdMicros: 10_001 }, 'balance 0.000001 → 0.010001'],
    [{ buyers: null, holdOutputTokens: 500 }, { buyers: ['buyer_1', 'buyer_2'], holdOutputTokens: null }, 'buyers all → buyer_1 buyer_2, hold output tokens 500 → worst case'],
    [{ cardOrigin: { kind: 'multiplier', multiplier: '1.1', bookDate: '2026-11' } }, { cardOrigin: { kind: 'file', file: 'acme.yaml' } }, 'card origin 1.1 × list → acme.yaml'],
    [{ pricesPerMillionUsdMicros: { 'claude-x': { input: 5_000_000, output: 1 } } }, { pricesPerMillionUsdMicros: { 'claude-x': { input: 4_500_000, output: 1 } } }, 'claude-x input 5.00 → 4.50'],
    [{ pricesPerMillionUsdMicros: { a: { input: 1 }, b: { input: 1 } } }, { pricesPerMillionUsdMicros: { b: { input: 2 }, c: { input: 2 } } }, 'prices of 3 models'],
    [null, { pricesPerMillionUsdMicros: { a: { input: 1 } } }, 'prices of 1 model'],
    [null, null, ''],
    [{ sessions: 3, nested: { deep: true } }, null, 'sessions was 3, nested was {"deep":true}'],
  ])('%j → %j', (before, after, words) => {
    expect(auditWords({ before, after })).toBe(words);
  });
});

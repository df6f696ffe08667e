import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireInstanceLock } from '../../src/db/instance-lock.ts';
import { SCHEMA_VERSION, versionOf } from '../../src/db/migrate.ts';
import { openAnySchema, openDatabase, type Db } from '../../src/db/open.ts';
import { createOldDatabase } from '../db/old-database.ts';
import { openCliFolder, type CliFolder, type CliResult } from './cli-run.ts';

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

const at = (...parts: string[]): string => path.join(fs.realpathSync(cli.folder), ...parts);
const beside = (): string[] => fs.readdirSync(cli.folder).filter((name) => name.startsWith('ainogap.db'));
const asideFiles = (): string[] => beside().filter((name) => name.includes('.before-restore-'));
async function all(...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, err } = await cli.run(line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${err}`);
  }
}
function look<T>(file: string, use: (db: Db) => T): T {
  const db = openAnySchema(file, 'write');
  try {
    return use(db);
  } finally {
    db.close();
  }
}
const restore = (...argv: string[]): Promise<CliResult> => cli.run(['restore', 'copy.db', ...argv]);

/** A backup, and then a rotation, a revocation, top-ups, a buyer, a route, a disabled buyer and an adjustment. */
async function scene(): Promise<void> {
  await all('buyer create acme', 'buyer create globex', 'key create acme --label ci', 'key create acme --label prod', 'key create globex', 'topup acme 20 --reference first', 'backup copy.db');
  await all('key rotate acme --key key_1', 'key revoke key_3 --yes', 'topup acme 5 --reference tx_9', 'topup globex 7', 'buyer create initech', 'route create fast --upstream anthropic', 'buyer disable globex --yes');
}

describe('what a restore says', () => {
  beforeEach(scene);

  it('names the keys that it revives and the top-ups, buyers, keys and routes that it loses, and changes nothing with --dry-run', async () => {
    const before = fs.readFileSync(cli.database);
    const { code, out, err } = await restore('--dry-run');
    expect({ code, err }).toEqual({ code: 0, err: 'Nothing was changed.\n' });
    expect(out).toMatch(/^.*copy\.db: 0\.\d MB, schema \d+, up to 20.*Z; whole\nThe present database reaches up to 20/);
    expect(out).toMatch(/It revives 2 keys:\n {2}key_1 {2}acme {2}ci {2}rk_\w{4}…\w{4} {2}rotated 20.*\n {2}key_3 {2}globex {2}default .* revoked 20/);
    expect(out).toMatch(/It enables again 1 buyer:\n {2}buyer_2 {2}globex\n/);
    expect(out).toMatch(/It loses 2 top-ups and adjustments:\n {2}acme {2}\+5\.000000 {2}20.* {2}tx_9\n {2}globex {2}\+7\.000000/);
    expect(out).toMatch(/It loses 1 buyer:\n {2}buyer_3 {2}initech\nIt loses 1 key:\n {2}key_4 {2}acme {2}ci .*\nIt loses 1 route:\n {2}fast\n/);
    expect(out).toMatch(/It changes 2 balances:\n {2}acme {2}25\.00 → 20\.00\n {2}globex {2}7\.00 → 0\.00\n$/);
    expect(fs.readFileSync(cli.database).equals(before)).toBe(true);
    expect(beside().filter((name) => /restor|upgrading/.test(name))).toEqual([]);
  });

  it('needs a yes: on a terminal by an answer, elsewhere by --yes', async () => {
    expect(await restore()).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await cli.run(['restore', 'copy.db'], { terminal: 120, answer: false })).toMatchObject({ code: 1, err: expect.stringMatching(/The present database is kept aside\.\n.*nothing was changed/) });
    expect(asideFiles()).toEqual([]);
    expect(await cli.run(['restore', 'copy.db'], { terminal: 120, answer: true })).toMatchObject({ code: 0 });
    expect(asideFiles()).toHaveLength(1);
  });
});

describe('what a restore does', () => {
  it('puts the backup in place, keeps the old database aside, and records it', async () => {
    await scene();
    fs.chmodSync(cli.database, 0o644);
    const { code, out, err } = await restore('--yes');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`Restored ${at('ainogap.db')}\nThe old one is ${at('ainogap.db')}.before-restore-`) });
    expect(err).toMatch(/Keys that were revoked or rotated work again.*\n {4}ainogap key revoke/);
    expect(beside().filter((name) => !name.includes('before-restore'))).toEqual(['ainogap.db']);
    const [aside = ''] = asideFiles();
    expect([at(aside), cli.database].map((file) => fs.statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(look(at(aside), (db) => db.prepare('SELECT name FROM buyers').pluck().all())).toEqual(['acme', 'globex', 'initech']);
    expect(await cli.json('balance')).toMatchObject({ balances: [{ name: 'acme', balanceUsdMicros: 20_000_000 }, { name: 'globex', balanceUsdMicros: 0 }] });
    const { audit } = (await cli.json('audit', '--action', 'database.restore')) as { audit: { after: object }[] };
    expect(audit).toMatchObject([{ after: { file: at('copy.db'), revivedKeys: 2, lostDeposits: 2, revokedKeys: 0 } }]);
    expect(await cli.run(['verify'])).toMatchObject({ code: 0 });
    // Numbers that were given out since are not given to others.
    await all('buyer create umbrella');
    expect(await cli.json('buyer', 'show', 'umbrella')).toMatchObject({ buyerId: 'buyer_4' });
  });

  it('revokes every key before it goes live, when asked to', async () => {
    await scene();
    const { code, out } = await cli.run(['restore', 'copy.db', '--yes', '--revoke-all-keys', '--json']);
    expect(code).toBe(0);
    const document = JSON.parse(out) as { changes: { revivedKeys: object[] }; keptAside: string };
    expect(document).toMatchObject({ restored: true, revokedKeys: 3, changes: { revivedKeys: [{ keyId: 'key_1', rotated: true }, { keyId: 'key_3', rotated: false }], lostDeposits: [{ reference: 'tx_9', amountUsdMicros: 5_000_000 }, {}] } });
    expect(await cli.json('key', 'list')).toMatchObject({ keys: [{ status: 'revoked' }, { status: 'revoked' }, { status: 'revoked' }] });
    // And back again: what was kept aside is a backup like any other.
    expect(await cli.run(['restore', document.keptAside, '--yes'])).toMatchObject({ code: 0 });
    expect(await cli.json('balance', 'acme')).toMatchObject({ balanceUsdMicros: 25_000_000 });
  });

  it('ends the sessions of the backup, which may have been ended since', async () => {
    const db = openDatabase(cli.database, { mode: 'write' });
    db.exec(`INSERT INTO logins(kind, name, webauthn_user, created_at) VALUES ('admin', 'eva', x'01', 0);
      INSERT INTO sessions(login_id, digest, transport, method, created_at, last_seen_at, expires_at) VALUES (1, x'01', 'cookie', 'password', 0, 0, 9e15)`);
    db.close();
    await all('backup copy.db', 'restore copy.db --yes');
    expect(look(cli.database, (restored) => restored.prepare('SELECT ended_at IS NOT NULL FROM sessions').pluck().get())).toBe(1);
  });

  it('leaves an older schema for the next start to upgrade, after a backup of its own', async () => {
    createOldDatabase(at('copy.db'), 3);
    const { code, err } = await restore('--yes', '--revoke-all-keys');
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(`It has schema 3; the next start upgrades it to ${SCHEMA_VERSION}`) });
    expect(look(cli.database, versionOf)).toBe(3);
    openDatabase(cli.database, { mode: 'write', onUpgrade: () => undefined }).close();
    expect(beside().filter((name) => name.includes('.before-schema-'))).toHaveLength(1);
  });

  it('works where the database is missing, with nothing of an old log left beside it', async () => {
    await all('buyer create acme', 'backup copy.db');
    fs.rmSync(cli.database);
    fs.writeFileSync(`${cli.database}-wal`, 'of a database that is gone');
    const { code, out } = await restore('--yes');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('! What would be lost cannot be told: there is no database at') });
    expect(await cli.json('buyer', 'list')).toMatchObject({ buyers: [{ name: 'acme' }] });
    expect(asideFiles().filter((name) => name.endsWith('-wal'))).toHaveLength(1);
  });

  it.each([
    ['its header', 0],
    ['a page in it', 4096],
  ])('works where the database is damaged in %s, and keeps that aside', async (_, from) => {
    await all('buyer create acme', 'backup copy.db', 'buyer create globex');
    const bytes = fs.readFileSync(cli.database);
    bytes.fill(0x5a, from, from + 8 * 4096);
    fs.writeFileSync(cli.database, bytes);
    const { code, out } = await restore('--yes');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('! What would be lost cannot be told') });
    const [aside = ''] = asideFiles();
    expect(fs.readFileSync(at(aside)).subarray(8192, 12_288).equals(bytes.subarray(8192, 12_288))).toBe(true);
    expect(await cli.json('buyer', 'list')).toMatchObject({ buyers: [{ name: 'acme' }] });
    expect(await cli.run(['verify'])).toMatchObject({ code: 0 });
  });

  it('says that a backup is of another database', async () => {
    await all('buyer create acme', 'key create acme');
    const other = openCliFolder();
    await other.run(['buyer', 'create', 'acme']);
    await other.run(['key', 'create', 'acme']);
    await other.run(['backup', at('copy.db')]);
    other.remove();
    expect(await restore('--dry-run')).toMatchObject({ out: expect.stringContaining('! The backup does not seem to be of this database') });
  });
});

describe('what a restore refuses', () => {
  beforeEach(() => all('buyer create acme', 'backup copy.db'));
  const refused = async (argv: string[], words: RegExp): Promise<void> => {
    const before = look(cli.database, (db) => db.prepare('SELECT name FROM buyers').pluck().all());
    const { code, err } = await cli.run(['restore', ...argv, '--yes']);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(words) });
    expect(look(cli.database, (db) => db.prepare('SELECT name FROM buyers').pluck().all())).toEqual(before);
    expect(asideFiles()).toEqual([]);
  };

  it('while a process serves, or has the database open', async () => {
    const lock = acquireInstanceLock(fs.realpathSync(cli.database), 'a1');
    await refused(['copy.db'], /a process serves .*Stop it first/);
    lock.release();
    const reader = openDatabase(cli.database, { mode: 'read' });
    await refused(['copy.db'], /another process has .* open \(a command, or `ainogap top`\)/);
    reader.close();
  });

  it('when more would be lost than was said before the question', async () => {
    const meanwhile = (): Promise<void> => all('topup acme 9 --reference while_asked');
    expect(await cli.run(['restore', 'copy.db'], { terminal: 120, answer: true, meanwhile })).toMatchObject({ code: 1, err: expect.stringMatching(/has changed since it was compared with the backup, so more would be lost than was said; nothing was changed/) });
    expect((await cli.run(['balance', 'acme'])).out).toContain('balance 9.00');
    expect([asideFiles(), beside().filter((name) => /restoring|upgrading/.test(name))]).toEqual([[], []]);
  });

  it('what is no backup, is damaged, is of another program or of a newer schema', async () => {
    cli.write('text.db', 'listen: 127.0.0.1:8787\n'.repeat(100));
    cli.write('empty.db', '');
    for (const name of ['foreign.db', 'newer.db', 'torn.db']) fs.copyFileSync(at('copy.db'), at(name));
    look(at('foreign.db'), (db) => void db.pragma('application_id = 7'));
    look(at('newer.db'), (db) => void db.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
    fs.writeFileSync(at('torn.db'), fs.readFileSync(at('copy.db')).fill(0xff, 8192, 40_960));
    await refused(['nowhere.db'], /there is no file .*nowhere\.db/);
    await refused(['.'], /is a folder/);
    await refused(['text.db'], /no SQLite database/);
    await refused(['empty.db'], /is empty/);
    await refused(['foreign.db'], /database of another program/);
    await refused(['newer.db'], new RegExp(`has schema ${SCHEMA_VERSION + 1}, made by a newer ainogap; this one knows up to ${SCHEMA_VERSION}. Upgrade ainogap`));
    await refused(['torn.db'], /is damaged/);
    await refused(['ainogap.db'], /is the database itself/);
  });

  it('to overwrite a database of another program', async () => {
    look(cli.database, (db) => void db.pragma('application_id = 0'));
    await refused(['copy.db'], /is a database of another program/);
  });
});

it('leaves the old database or the new one, whole, when it is killed', async () => {
  await all('buyer create acme');
  const db = openDatabase(cli.database, { mode: 'write' });
  // 8 MB, so that there is something to be killed in.
  db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800) INSERT INTO idempotency SELECT 'x', i, x'', 200, hex(zeroblob(5000)), 0 FROM n");
  db.close();
  await all('backup copy.db', 'buyer create globex');
  const script = path.resolve(import.meta.dirname, '../backups/restore-child.ts');
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [script, at('copy.db'), cli.database], { stdio: 'ignore' });
    const left = new Promise((resolve) => child.once('exit', resolve));
    // From where the old database is copied aside on, later in each round.
    while (asideFiles().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, round * 7));
    child.kill('SIGKILL');
    await left;
    const reader = openDatabase(cli.database, { mode: 'read' });
    const buyers = reader.prepare('SELECT name FROM buyers').pluck().all();
    expect([['acme'], ['acme', 'globex']]).toContainEqual(buyers);
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
    reader.close();
    for (const name of asideFiles()) fs.rmSync(at(name));
    if (buyers.length === 1) await all('buyer create globex');
  }
}, 60_000);

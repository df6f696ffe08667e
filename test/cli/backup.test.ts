import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION, versionOf } from '../../src/db/migrate.ts';
import { openAnySchema, openDatabase, type Db } from '../../src/db/open.ts';
import { createOldDatabase } from '../db/old-database.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(async () => {
  cli = openCliFolder();
  await cli.run(['buyer', 'create', 'acme']);
});
afterEach(() => cli.remove());

const at = (...parts: string[]): string => path.join(fs.realpathSync(cli.folder), ...parts);
function look<T>(file: string, use: (db: Db) => T): T {
  const db = openAnySchema(file, 'read');
  try {
    return use(db);
  } finally {
    db.close();
  }
}
const buyersIn = (file: string): unknown => look(file, (db) => db.prepare('SELECT name FROM buyers ORDER BY id').pluck().all());
const leftOvers = (folder = cli.folder): string[] => fs.readdirSync(folder).filter((name) => name.includes('.partial'));

describe('ainogap backup', () => {
  it('writes one whole file that only its owner can read, whatever the umask is, and prints its path alone', async () => {
    await cli.run(['topup', 'acme', '5']);
    const before = process.umask(0);
    const { code, out, err } = await cli.run(['backup', 'copy.db']);
    process.umask(before);
    expect({ code, out }).toEqual({ code: 0, out: `${at('copy.db')}\n` });
    expect(err).toMatch(new RegExp(`^0\\.\\d MB, schema ${SCHEMA_VERSION}, up to 20.*Z; checked, in \\d+\\.\\d s\\.\\n$`));
    expect(fs.statSync(at('copy.db')).mode & 0o777).toBe(0o600);
    expect(buyersIn(at('copy.db'))).toEqual(['acme']);
    expect(look(at('copy.db'), (db) => [db.pragma('integrity_check', { simple: true }), db.pragma('journal_mode', { simple: true })])).toEqual(['ok', 'delete']);
    expect(fs.readdirSync(cli.folder).filter((name) => name.startsWith('copy') || name.includes('partial'))).toEqual(['copy.db']);
  });

  it('holds what is in the write-ahead log alone', async () => {
    const writer = openDatabase(cli.database, { mode: 'write' });
    writer.exec("INSERT INTO buyers(name, created_at) VALUES ('globex', 0)");
    const { code } = await cli.run(['backup', 'copy.db']);
    writer.close();
    expect(code).toBe(0);
    expect(buyersIn(at('copy.db'))).toEqual(['acme', 'globex']);
  });

  it('gives a file in a folder a dated name, and one document with --json', async () => {
    fs.mkdirSync(at('copies'));
    const now = Date.UTC(2026, 10, 29, 19, 50, 55);
    const { out } = await cli.run(['backup', 'copies', '--json'], { now });
    const made = JSON.parse(out) as { file: string; bytes: number };
    expect(made).toMatchObject({ file: at('copies', 'ainogap-20261129T195055Z.db'), schema: SCHEMA_VERSION, ledgerAt: null });
    expect(fs.statSync(made.file).size).toBe(made.bytes);
    expect(await cli.run(['backup', 'copies/'], { now })).toMatchObject({ code: 1, err: expect.stringContaining('--force') });
  });

  it('is in the audit log', async () => {
    await cli.run(['backup', 'copy.db']);
    expect(await cli.json('audit', '--action', 'database')).toMatchObject({ audit: [{ action: 'database.backup', subject: 'database', after: { file: at('copy.db') } }] });
  });

  it('overwrites nothing but what --force names, and then only by a whole one', async () => {
    cli.write('copy.db', 'mine');
    expect(await cli.run(['backup', 'copy.db'])).toMatchObject({ code: 1, err: expect.stringContaining('overwrites nothing unless --force') });
    expect(fs.readFileSync(at('copy.db'), 'utf8')).toBe('mine');
    expect(await cli.run(['backup', 'copy.db', '--force'])).toMatchObject({ code: 0 });
    expect(buyersIn(at('copy.db'))).toEqual(['acme']);
    expect(leftOvers()).toEqual([]);
  });

  it('says in words what no backup can be written to', async () => {
    fs.symlinkSync(at('elsewhere.db'), at('link.db'));
    fs.linkSync(cli.database, at('again.db'));
    const said = async (...argv: string[]): Promise<string> => {
      const { code, out, err } = await cli.run(['backup', ...argv]);
      expect({ code, out, argv }).toEqual({ code: 1, out: '', argv });
      return err;
    };
    expect(await said('nowhere/copy.db')).toMatch(/there is no folder .*nowhere\.\n  mkdir -p/);
    expect(await said('link.db', '--force')).toContain('is a symbolic link');
    for (const own of ['ainogap.db', 'again.db', './ainogap.db-wal']) expect(await said(own, '--force')).toContain('is the database itself or belongs to it');
    expect(await said('/dev/null', '--force')).toContain('is no regular file');
    expect(await said('config.yaml/copy.db')).toMatch(/not a folder|no folder/);
    expect(buyersIn(cli.database)).toEqual(['acme']);
  });

  it('leaves nothing of a copy that turns out damaged', async () => {
    // A page of the middle: what `buyers` says is lost, the file is a database all the same.
    const page = look(cli.database, (db) => Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'buyers'").pluck().get()));
    const file = fs.openSync(cli.database, 'r+');
    fs.writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
    fs.closeSync(file);
    expect(await cli.run(['backup', 'copy.db'])).toMatchObject({ code: 1, err: expect.stringMatching(/the database is damaged.*\n  ainogap verify/) });
    expect(fs.existsSync(at('copy.db'))).toBe(false);
    expect(leftOvers()).toEqual([]);
  });

  it('copies a database of an older schema as it is, without upgrading it', async () => {
    for (const suffix of ['', '-wal', '-shm']) fs.rmSync(cli.database + suffix, { force: true });
    createOldDatabase(cli.database, 2);
    expect(await cli.run(['backup', 'copy.db'])).toMatchObject({ code: 0, err: expect.stringContaining('schema 2') });
    expect([cli.database, at('copy.db')].map((file) => look(file, versionOf))).toEqual([2, 2]);
  });
});

import { expect, it } from 'vitest';
import { migrate, MIGRATIONS, SCHEMA_VERSION, versionOf, type Migration } from '../../src/db/migrate.ts';
import { openMemoryDatabase } from '../../src/db/open.ts';

const next = (sql: string): Migration[] => [...MIGRATIONS, { version: SCHEMA_VERSION + 1, additive: true, sql }];

it('numbers the migrations without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
});

it('applies only what is missing, and only once', () => {
  const db = openMemoryDatabase();
  const migrations = next('CREATE TABLE extra(x)');
  migrate(db, migrations);
  migrate(db, migrations);
  expect(versionOf(db)).toBe(SCHEMA_VERSION + 1);
  expect(db.prepare('SELECT count(*) FROM extra').pluck().get()).toBe(0);
});

it('leaves nothing of a step that fails', () => {
  const db = openMemoryDatabase();
  expect(() => migrate(db, next('CREATE TABLE extra(x); CREATE TABLE extra(x)'))).toThrow(/already exists/);
  expect(versionOf(db)).toBe(SCHEMA_VERSION);
  expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'").pluck().get()).toBe(0);
});

it('keeps ledger rows and price cards from being edited', () => {
  const db = openMemoryDatabase();
  db.exec(`INSERT INTO transfers(id,kind,debit,credit,amount,at) VALUES (3,1,-1,1,5,0);
    INSERT INTO requests(id,buyer_id,key_id,status,http_status,input_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,
      output_tokens,charge,shortfall,usage_source,attempts,started_at,duration_ms,settled_at) VALUES (4,1,1,'refused',402,0,0,0,0,0,0,0,'none',0,0,0,0);`);
  expect(() => db.exec('UPDATE transfers SET amount = 6')).toThrow(/immutable/);
  expect(() => db.exec('DELETE FROM transfers')).toThrow(/never deleted/);
  expect(() => db.exec('UPDATE requests SET charge = 6')).toThrow(/immutable/);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { prepared } from '../../src/db/prepared.ts';

const SQL = "SELECT 1 AS one, 'a' AS letter";
let db: Db;
beforeEach(() => void (db = openMemoryDatabase()));
afterEach(() => void db.close());

test('the same SQL in another form is another statement, whichever came first', () => {
  const read = () => [
    prepared(db, SQL, 'big pluck').get(),
    prepared(db, SQL).get(),
    prepared(db, SQL, 'raw').get(),
    prepared(db, SQL, 'pluck').get(),
    prepared(db, SQL, 'big raw').get(),
    prepared(db, SQL, 'big rows').get(),
  ];
  const rows = [1n, { one: 1, letter: 'a' }, [1, 'a'], 1, [1n, 'a'], { one: 1n, letter: 'a' }];
  expect(read()).toEqual(rows);
  expect(read()).toEqual(rows);
});

test('a statement is compiled once for each connection', () => {
  const other = openMemoryDatabase();
  try {
    expect(prepared(db, SQL)).toBe(prepared(db, SQL));
    expect(prepared(other, SQL)).not.toBe(prepared(db, SQL));
  } finally {
    other.close();
  }
});

test('of very many statements those used last are kept', () => {
  const [often, once] = [prepared(db, SQL), prepared(db, 'SELECT 2')];
  for (let i = 0; i < 300; i++) prepared(db, `SELECT ${i} + ${prepared(db, SQL, 'rows') === often ? 0 : 1}`);
  expect(prepared(db, SQL)).toBe(often);
  expect(prepared(db, 'SELECT 2')).not.toBe(once);
});

test('a changed schema is seen by a statement that was kept', () => {
  db.exec('CREATE TABLE prepared_test(a); INSERT INTO prepared_test VALUES (1)');
  expect(prepared(db, 'SELECT * FROM prepared_test').all()).toEqual([{ a: 1 }]);
  db.exec("ALTER TABLE prepared_test ADD COLUMN b DEFAULT 'new'");
  expect(prepared(db, 'SELECT * FROM prepared_test').all()).toEqual([{ a: 1, b: 'new' }]);
});

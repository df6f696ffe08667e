/** A database as an older program left it. */
import { migrate, MIGRATIONS } from '../../src/db/migrate.ts';
import { openAnySchema } from '../../src/db/open.ts';
import * as fs from 'node:fs';

/** Of that schema, with that many buyers; the first is acme. */
export function createOldDatabase(file: string, schema: number, buyers = 1): void {
  fs.writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  const db = openAnySchema(file, 'write');
  db.pragma('journal_mode = WAL');
  migrate(db, MIGRATIONS.slice(0, schema));
  const insert = db.prepare('INSERT INTO buyers(name, created_at) VALUES (?, 0)');
  db.transaction(() => {
    for (let i = 0; i < buyers; i++) insert.run(i === 0 ? 'acme' : `buyer ${i}`);
  })();
  db.close();
}

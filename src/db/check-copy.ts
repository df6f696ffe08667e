import { APPLICATION_ID, versionOf } from './migrate.ts';
import { openAnySchema, type Db } from './open.ts';

/**
 * Looks at a finished copy that nobody else has open: it must be whole, ours and of that schema. Leaves it a single file
 * without a write-ahead log, so that it can be read from anywhere. Throws an `Error` with words.
 */
export function checkCopy(file: string, schema: number): void {
  const copy = openAnySchema(file, 'write');
  try {
    copy.pragma('journal_mode = DELETE');
    const found = findDamage(copy);
    if (found !== null) throw new Error(`the copy is damaged (${found})`);
    if (copy.pragma('application_id', { simple: true }) !== APPLICATION_ID || versionOf(copy) !== schema) throw new Error('the copy is not what was copied');
  } finally {
    copy.close();
  }
}

/** The first thing that is not as SQLite wrote it, in one line; null when all is well. About 0.2 s for a million charges. */
export function findDamage(db: Db): string | null {
  let finding: unknown;
  try {
    finding = db.pragma('quick_check(1)', { simple: true });
  } catch (error) {
    finding = (error as Error).message;
  }
  return finding === 'ok' ? null : String(finding).split('\n').join(' ');
}

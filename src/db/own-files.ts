/** Which names beside a database are SQLite's or this program's own: what is written there is deleted by them sooner or later. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** SQLite deletes a file named as a journal when it next opens the database, whatever is in it. */
const OF_SQLITE = ['', '-wal', '-shm', '-journal'];
/** Locks, copies that a restore prepares, and backups of which only the newest are kept. */
const OF_OURS = ['.instance-', '.upgrading', '.restoring-', '.before-schema-'];

/** True also for another name of the same file. `database` is a real path; the folder of `file` must be there. */
export function belongsToDatabase(database: string, file: string): boolean {
  const target = path.join(fs.realpathSync(path.dirname(file)), path.basename(file));
  const own = OF_SQLITE.map((suffix) => database + suffix);
  return own.includes(target) || OF_OURS.some((start) => target.startsWith(database + start)) || own.some((one) => isSameFile(one, target));
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [fs.statSync(a, { throwIfNoEntry: false }), fs.statSync(b, { throwIfNoEntry: false })];
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

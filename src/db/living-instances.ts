/** Which processes serve a database, whatever its schema and even if it cannot be read: their lock files lie beside it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isInstanceDead, lockPath } from './instance-lock.ts';

/**
 * The tokens of the processes that are alive. A process locks its file before it opens the database and before its row
 * is there, so this knows of processes that have only begun to start. `database` is a real path.
 */
export function livingInstances(database: string): string[] {
  return lockTokens(database).filter((token) => isAlive(database, token));
}

/** The tokens of all lock files that lie beside the database, of living and of dead processes. */
export function lockTokens(database: string): string[] {
  const prefix = path.basename(lockPath(database, ''));
  const names = fs.readdirSync(path.dirname(database)).filter((name) => name.startsWith(prefix));
  // A longer name, such as one with a dot, is a file of another purpose.
  return names.map((name) => name.slice(prefix.length)).filter((token) => /^[\w-]+$/.test(token));
}

/** A lock that cannot be tried for another reason than being held proves nobody dead. */
function isAlive(database: string, token: string): boolean {
  try {
    return !isInstanceDead(database, token);
  } catch {
    return true;
  }
}

/** How the copies of a database are called that lie beside it. All have the UTC time in their names, so names sort by time. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** `20261129T195055Z`. */
export function timeStamp(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** `ainogap-20261129T195055Z.db`: for a backup whose folder alone was named. */
export function datedName(database: string, at: number): string {
  const { name, ext } = path.parse(database);
  return `${name}-${timeStamp(at)}${ext}`;
}

/** What `restore` keeps aside. */
export const beforeRestoreName = (database: string, at: number): string => `${path.basename(database)}.before-restore-${timeStamp(at)}`;

/** The backup before an upgrade to `schema`. */
export const beforeSchemaName = (database: string, schema: number, at: number): string => `${path.basename(database)}.before-schema-${schema}-${timeStamp(at)}`;

export interface UpgradeBackup {
  /** Its path. */
  readonly file: string;
  /** The schema that the upgrade after it led to; it has an older one itself. */
  readonly before: number;
  /** Unix ms. */
  readonly at: number;
}

/** The automatic backups of `database` in `folder`, the newest first. None where the folder cannot be read. */
export function upgradeBackups(database: string, folder: string = path.dirname(database)): UpgradeBackup[] {
  const shape = /\.before-schema-(\d+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-\d+)?$/;
  const base = path.basename(database);
  const found = namesIn(folder).flatMap((name): UpgradeBackup[] => {
    const match = name.startsWith(`${base}.before-schema-`) ? shape.exec(name.slice(base.length)) : null;
    if (match === null) return [];
    const [before = 0, year = 0, month = 1, ...rest] = match.slice(1).map(Number);
    const [day = 1, hour = 0, minute = 0, second = 0] = rest;
    return [{ file: path.join(folder, name), before, at: Date.UTC(year, month - 1, day, hour, minute, second) }];
  });
  return found.sort((a, b) => b.at - a.at || (a.file < b.file ? 1 : -1));
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

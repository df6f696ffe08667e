import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Config } from '../config.ts';
import { readableByOthers } from '../config/readable-by-others.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const CHECK = 'file modes';

/** Database, its log, its folder and the TLS key: who may read and write them, and whether this user does. The configuration's own are told where it is read. */
export function checkFileModes({ database, tls }: Config): Finding[] {
  if (process.platform === 'win32') return [ok(CHECK, 'Windows has none; the folder of the database should be open to its owner alone')];
  const files = [database, `${database}-wal`, ...(tls === null ? [] : [tls.key])];
  const found = [...files.flatMap(openFile), ...folderOf(database), ...ownerOf(database), ...unwritable(database)];
  return found.length > 0 ? found : [ok(CHECK, 'database, its folder and the TLS key are closed to others')];
}

function openFile(file: string): Finding[] {
  const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  const sentence = readableByOthers(file, mode);
  return sentence === null ? [] : [problem(CHECK, sentence.replace(/; run: .*$/, ''), `chmod 600 ${file}`)];
}

/** Who may write to a folder may replace what is in it. */
function folderOf(database: string): Finding[] {
  const folder = path.dirname(database);
  const mode = fs.statSync(folder, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return [problem(CHECK, `the folder ${folder} is not there`, `mkdir -p -m 700 ${folder}`)];
  const sticky = (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0 && !sticky) return [problem(CHECK, `${folder} can be written to by other users of this machine, who could replace the database`, `chmod 700 ${folder}`)];
  return [];
}

/** What another user makes beside it may lock the gateway out. */
function ownerOf(database: string): Finding[] {
  const uid = process.getuid?.();
  const owner = fs.statSync(database, { throwIfNoEntry: false })?.uid;
  if (uid === undefined || owner === undefined || uid === owner) return [];
  return [warning(CHECK, `${database} belongs to user ${owner}, and this is user ${uid}; run commands as its owner`, `sudo -u '#${owner}' ainogap doctor`)];
}

function unwritable(database: string): Finding[] {
  const may = (file: string): boolean => {
    try {
      fs.accessSync(file, fs.constants.R_OK | fs.constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
  const closed = [database, path.dirname(database)].filter((file) => fs.existsSync(file) && !may(file));
  return closed.map((file) => problem(CHECK, `${file} may not be written by this user`, `ls -ld ${file}`));
}

import * as fs from 'node:fs';
import * as path from 'node:path';
import { ok, problem, sizeText, warning, type Finding } from './finding.ts';

const CHECK = 'disk';
/** The write-ahead log may reach 64 MB in ordinary work. */
const NEEDED_BYTES = 128 * 1024 * 1024;
const COMFORTABLE_BYTES = 1024 * 1024 * 1024;
const FILES_FEW = 1_000;

/** `f_type` of statfs(2) on Linux. */
const IN_MEMORY = new Map([[0x01021994, 'tmpfs'], [0x858458f6, 'ramfs']]);
const OF_NETWORK = new Map([[0x6969, 'NFS'], [0xff534d42, 'CIFS'], [0xfe534d42, 'SMB'], [0x517b, 'SMB']]);

/** Room for what the database needs and for a copy of it, and a file system that keeps SQLite's promises. */
export function checkDisk(database: string): Finding[] {
  const folder = path.dirname(database);
  const { bavail, bsize, files, ffree, type } = fs.statfsSync(folder);
  const free = bavail * bsize;
  const size = fs.statSync(database, { throwIfNoEntry: false })?.size ?? 0;
  return [space(folder, free, size), ...inodes(folder, files, ffree), ...kind(folder, type)];
}

function space(folder: string, free: number, size: number): Finding {
  const what = `${folder} has ${sizeText(free)} free; the database has ${sizeText(size)}`;
  if (free < NEEDED_BYTES) return problem(CHECK, `${what}. When the disk is full every request is refused`, `du -xh --max-depth=2 ${folder} | sort -h | tail`);
  // An upgrade copies it, a restore keeps it aside.
  if (free < Math.max(COMFORTABLE_BYTES, 2 * size)) return warning(CHECK, `${what}. An upgrade or a restore needs room for one more of it, and a reserve is wise`, `du -xh --max-depth=2 ${folder} | sort -h | tail`);
  return ok(CHECK, what);
}

/** Some file systems have no bound, and say 0. */
function inodes(folder: string, files: number, free: number): Finding[] {
  if (files === 0 || free >= FILES_FEW) return [];
  return [(free === 0 ? problem : warning)(CHECK, `${folder} can take ${free} more files`, `df -i ${folder}`)];
}

function kind(folder: string, type: number): Finding[] {
  if (process.platform !== 'linux') return [];
  const [memory, network] = [IN_MEMORY.get(type), OF_NETWORK.get(type)];
  if (network !== undefined) return [problem(CHECK, `${folder} is on a network file system (${network}), which does not keep SQLite's locks: give database: a local path`, 'edit the configuration')];
  if (memory !== undefined) return [warning(CHECK, `${folder} is in memory (${memory}): a restart of the machine loses the database`, 'edit the configuration')];
  return [];
}

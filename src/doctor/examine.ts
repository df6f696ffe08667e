/** All checks, each bounded in time; one that fails stops no other. */
import type { Config } from '../config.ts';
import { checkClock } from './check-clock.ts';
import { checkConfig } from './check-config.ts';
import { checkDatabase } from './check-database.ts';
import { checkDisk } from './check-disk.ts';
import { checkFileModes } from './check-file-modes.ts';
import { checkOpenFiles } from './check-open-files.ts';
import { checkPorts } from './check-ports.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkSyncSpeed } from './check-sync-speed.ts';
import { checkTls } from './check-tls.ts';
import { checkUpstream } from './check-upstream.ts';
import { problem, warning, type Finding } from './finding.ts';
import { servingProcesses } from './serving-processes.ts';

export interface Examination {
  /** The configuration's path; null where none was found. */
  readonly configFile: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix ms, from the wall clock. */
  readonly now: () => number;
  /** Asks no upstream. */
  readonly offline: boolean;
}

/** What a check may rest on. */
export interface Patient {
  readonly config: Config;
  readonly env: Examination['env'];
  readonly now: () => number;
  /** Processes that serve the database at this moment. */
  readonly serving: number;
}

const BOUND_MS = 30_000;

export async function examine({ configFile, env, now, offline }: Examination): Promise<Finding[]> {
  const began = { wall: now(), monotonic: performance.now() };
  const { config, findings } = checkConfig(configFile);
  const found: Finding[] = [...findings];
  if (config === null) found.push(...(await bounded('open files', () => checkOpenFiles(null))));
  else {
    const patient: Patient = { config, env, now, serving: servingProcesses(config.database) };
    // One after the other: the speed of the disk is not to be measured while another check reads from it.
    found.push(...(await bounded('secrets', () => checkSecrets(patient))));
    found.push(...(await bounded('file modes', () => checkFileModes(config))));
    found.push(...(await bounded('disk', () => checkDisk(config.database))));
    found.push(...(await bounded('disk speed', () => checkSyncSpeed(config.database))));
    found.push(...(await bounded('database', () => checkDatabase(patient))));
    found.push(...(await bounded('listen', () => checkPorts(patient))));
    found.push(...(await bounded('tls', () => checkTls(patient))));
    found.push(...(await bounded('open files', () => checkOpenFiles(config))));
    if (!offline) {
      const asked = await Promise.all([...config.upstreams.values()].map((upstream) => bounded(`upstream ${upstream.name}`, () => checkUpstream(upstream, patient))));
      found.push(...asked.flat());
    }
  }
  found.push(...(await bounded('clock', () => checkClock({ config, began, now }))));
  return found;
}

async function bounded(check: string, look: () => readonly Finding[] | Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([warning(check, `this was given up after ${BOUND_MS / 1000} s`)]), BOUND_MS);
  });
  try {
    return await Promise.race([(async () => look())(), tooLong]);
  } catch (error) {
    return [problem(check, `this could not be looked at: ${(error as Error).message}`)];
  } finally {
    clearTimeout(timer);
  }
}

/** What the figures were measured on. */
import { execFileSync } from 'node:child_process';
import * as os from 'node:os';
import { IDLE_STREAMS, idleStreamsPossible } from './idle-streams.ts';
import { openFilesMax } from './process-cost.ts';

export function machineFacts(): string[] {
  const [cpu] = os.cpus();
  const load = os.loadavg()[0]!.toFixed(1);
  const few = idleStreamsPossible() < IDLE_STREAMS;
  return [
    `Machine: ${os.cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${(os.totalmem() / 1e9).toFixed(1)} GB, load average ${load}, ${os.type()} ${os.release()}`,
    `Node ${process.versions.node}, database on ${fileSystemOf(os.tmpdir())}, ${openFilesMax()} open files allowed`,
    ...(few ? [`Fewer idle streams than ${IDLE_STREAMS}: raise the limit of open files (ulimit -Hn) to ${2 * IDLE_STREAMS + 500}.`] : []),
  ];
}

function fileSystemOf(folder: string): string {
  const [type, target] = execFileSync('df', ['--output=fstype,target', folder], { encoding: 'utf8' }).trim().split('\n').at(-1)!.trim().split(/\s+/);
  return type === 'tmpfs' ? `${type} (${target}): in memory, so that fsync costs nothing and the figures say little` : `${type} (${target})`;
}

/**
 * What a process costs, read from Linux's `/proc` so that the process under test runs unchanged: CPU of all its
 * threads in nanoseconds (`schedstat`, man 5 proc; `/proc/PID/stat` counts in hundredths of a second), and memory.
 */
import * as fs from 'node:fs';

export function cpuNanosecondsOf(pid: number): number {
  let sum = 0;
  for (const task of fs.readdirSync(`/proc/${pid}/task`)) sum += schedstat(pid, task);
  return sum;
}

function schedstat(pid: number, task: string): number {
  try {
    return Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ', 1)[0]);
  } catch {
    // A thread that ended between the two reads; the long-lived ones are what is measured.
    return 0;
  }
}

/** Resident set size in bytes. */
export function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(kilobytes![1]) * 1024;
}

/** Open files that a process may have: Node raises its soft limit to the hard one at start. */
export function openFilesMax(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'latin1'))![1]!;
  return hard === 'unlimited' ? Infinity : Number(hard);
}

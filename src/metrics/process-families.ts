/**
 * The process as the system sees it, under the names that Prometheus' own client libraries use. The collector's runs are
 * not among them: an observer of them costs half a millisecond each, a hundredth of a core and more under load. What they do
 * to requests shows in the event loop's lag.
 */
import * as fs from 'node:fs/promises';
import { single, type Family } from './exposition.ts';

const CPU = single('counter', 'process_cpu_seconds_total', 'CPU time of all threads, user and system.');
const START = single('gauge', 'process_start_time_seconds', 'When the process started, since 1970.');
const RESIDENT = single('gauge', 'process_resident_memory_bytes', 'Memory of the process in RAM.');
const FILES = single('gauge', 'process_open_fds', 'Open file descriptors.');
const FILES_MAX = single('gauge', 'process_max_fds', 'How many may be open.');
const HEAP = single('gauge', 'nodejs_heap_size_total_bytes', "The main thread's heap.");
const HEAP_USED = single('gauge', 'nodejs_heap_size_used_bytes', 'Of that, in use.');
const EXTERNAL = single('gauge', 'nodejs_external_memory_bytes', 'Buffers and other memory that the heap refers to.');

const STARTED_AT = (Date.now() - process.uptime() * 1000) / 1000;

/** The file descriptors are left out where the system has no /proc. */
export async function processFamilies(): Promise<Family[]> {
  const [open, max] = await Promise.all([openFiles(), openFilesMax()]);
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return [
    CPU((user + system) / 1e6),
    START(STARTED_AT),
    RESIDENT(rss),
    ...(open === null ? [] : [FILES(open)]),
    ...(max === null ? [] : [FILES_MAX(max)]),
    HEAP(heapTotal),
    HEAP_USED(heapUsed),
    EXTERNAL(external),
  ];
}

/** The one that reads the folder is among them. */
async function openFiles(): Promise<number | null> {
  const files = await fs.readdir('/proc/self/fd').catch(() => null);
  return files && files.length - 1;
}

async function openFilesMax(): Promise<number | null> {
  const limits = await fs.readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

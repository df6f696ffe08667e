/** Prunes in a process of its own, which kills itself at a chosen point. Arguments: database, day since 1970, archive, point. */
import { pruneRequests } from '../../src/archive/prune-requests.ts';
import { openDatabase } from '../../src/db/open.ts';

const [database = '', day = '', archive = '', point = ''] = process.argv.slice(2);
const passed = new Map<string, number>();

/** `move 2`: when something of that name comes for the second time. */
function at(name: string): void {
  const times = (passed.get(name) ?? 0) + 1;
  passed.set(name, times);
  if (`${name} ${times}` === point) process.kill(process.pid, 'SIGKILL');
}

const db = openDatabase(database, { mode: 'write' });
await pruneRequests(db, {
  beforeDay: Number(day),
  archive,
  by: { kind: 'cli', name: 'test', via: 'cli', address: null },
  // Asked for when the run is claimed, for the archive's first line, for when its days count as pruned, and at its end.
  now: () => (at('now'), Date.now()),
  program: 'test',
  onProgress: (stage) => at(stage),
});

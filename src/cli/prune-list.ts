/** `ainogap prune --list`: the archives that were made of this database's requests. */
import * as fs from 'node:fs';
import { isoTime } from '../documents/iso-time.ts';
import { jsonMicros } from '../money.ts';
import { listArchives, utcDayName, type RequestArchive } from '../reports/pruned.ts';
import type { CliContext } from './context.ts';
import { withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { usdcColumn } from './usdc-column.ts';

export async function listArchivesCommand(ctx: CliContext, database: string, json: boolean): Promise<void> {
  const archives = await withDatabase(database, 'read', listArchives);
  if (json) return printJson(ctx, { archives: archives.map(archiveJson) });
  printTable<RequestArchive>(
    ctx,
    [
      { title: 'before UTC', field: 'before', cell: ({ beforeDay }) => utcDayName(beforeDay) },
      { title: 'requests', cell: ({ requests }) => String(requests), align: 'right' },
      { title: 'charge', ...usdcColumn(({ charge }) => charge), drop: 3 },
      { title: 'made UTC', field: 'madeAt', cell: ({ beganAt }) => isoTime(beganAt).slice(0, 16).replace('T', ' '), drop: 2 },
      { title: 'state', cell: stateOf, drop: 1 },
      { title: 'archive', cell: ({ file }) => file },
    ],
    archives,
  );
  if (archives.length === 0) ctx.stderr.write('No requests were moved to an archive.\n');
}

/** `gone`: it was moved elsewhere since. */
function stateOf({ state, file }: RequestArchive): string {
  if (state !== 'done') return 'interrupted';
  return fs.existsSync(file) ? 'there' : 'gone';
}

function archiveJson(archive: RequestArchive): Record<string, unknown> {
  const { beforeDay, file, beganAt, requests, charge, sha256 } = archive;
  return { before: utcDayName(beforeDay), requests, chargeUsdMicros: jsonMicros(charge), madeAt: isoTime(beganAt), state: stateOf(archive), archive: file, sha256 };
}

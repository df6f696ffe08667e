/** `ainogap restore`: a backup in the place of the database, after saying what that revives and loses. */
import * as path from 'node:path';
import type { Command } from 'commander';
import type { DoneRestore, PlannedRestore } from '../backups/restore.ts';
import { SCHEMA_VERSION } from '../db/migrate.ts';
import { isoTime } from '../documents/iso-time.ts';
import { printable } from '../printable.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { backupErrorInWords } from './backup.ts';
import { cliActor } from './cli-actor.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { readConfig } from './open-store.ts';
import { printJson } from './print-json.ts';
import { changesJson, changesText } from './restore-changes.ts';

interface Options {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly revokeAllKeys?: boolean;
}

export function registerRestore(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'restore <file>',
    description: 'put a backup in the place of the database, which is kept aside; says first which keys it revives and which top-ups it loses; refused while a process serves',
    example: 'ainogap restore /backups/ainogap.db --dry-run\nainogap restore /backups/ainogap.db --revoke-all-keys --yes',
  })
    .option('--dry-run', 'check the backup and say what it would change, and change nothing; possible beside a server')
    .option('--revoke-all-keys', "revoke every buyer's keys before the restored database goes live")
    .option('--yes', 'do not ask')
    .action(async (file: string, options: Options, command: Command) => {
      const global = globalOptions(command);
      const { database } = readConfig(ctx, global);
      const { planRestore } = await import('../backups/restore.ts');
      try {
        const source = path.resolve(ctx.cwd, file);
        const plan = await planRestore({ source, database, now: ctx.now() });
        try {
          await run(ctx, { plan, options, source, json: global.json });
        } finally {
          plan.discard();
        }
      } catch (error) {
        throw backupErrorInWords(error);
      }
    });
}

interface Run {
  readonly plan: PlannedRestore;
  readonly options: Options;
  readonly source: string;
  readonly json: boolean;
}

async function run(ctx: CliContext, { plan, options, source, json }: Run): Promise<void> {
  if (!json) ctx.stdout.write(printableText(planText(plan, source)));
  const document = (done: DoneRestore | null): void => printJson(ctx, restoreJson(plan, source, done));
  if (options.dryRun === true) {
    if (json) return document(null);
    ctx.stderr.write('Nothing was changed.\n');
    return;
  }
  const question = `Restore ${source} over ${plan.database}?${options.revokeAllKeys === true ? ' All keys are revoked.' : ''} The present database is kept aside.`;
  await confirm(ctx, question, options.yes === true);
  const done = await plan.carryOut({ by: cliActor(), revokeAllKeys: options.revokeAllKeys === true });
  if (json) return document(done);
  ctx.stdout.write(printableText(doneText(plan, done)));
  ctx.stderr.write(nextText(plan, options));
}

const printableText = (text: string): string => text.split('\n').map(printable).join('\n');

function planText({ schema, bytes, ledgerAt, changes, unread }: PlannedRestore, source: string): string {
  const upTo = ledgerAt === null ? 'with nothing in its ledger' : `up to ${isoTime(ledgerAt)}`;
  const head = `${source}: ${(bytes / 1e6).toFixed(1)} MB, schema ${schema}, ${upTo}; whole\n`;
  if (changes !== null) return head + changesText(changes);
  return `${head}! What would be lost cannot be told: ${unread ?? ''}.\n`;
}

function doneText(plan: PlannedRestore, { keptAside, revokedKeys, endedSessions }: DoneRestore): string {
  const lines = [`Restored ${plan.database}`];
  if (keptAside !== null) lines.push(`The old one is ${keptAside}`);
  if (revokedKeys > 0) lines.push(`Revoked ${revokedKeys} keys.`);
  if (endedSessions > 0) lines.push(`Ended ${endedSessions} sessions of the console: their owners sign in again.`);
  return `${lines.join('\n')}\n`;
}

function nextText({ schema, changes }: PlannedRestore, { revokeAllKeys }: Options): string {
  const lines: string[] = [];
  if (schema < SCHEMA_VERSION) lines.push(`! It has schema ${schema}; the next start upgrades it to ${SCHEMA_VERSION}, after a backup of its own. The audit log does not tell of this restore.`);
  if (revokeAllKeys !== true && changes?.revivedKeys.length) lines.push('! Keys that were revoked or rotated work again. To end one:', '    ainogap key revoke KEY');
  if (changes?.lostDeposits.length) lines.push('! Top-ups that were lost can be made again, with their references:', '    ainogap topup BUYER AMOUNT --reference REFERENCE');
  lines.push('Next:', '  ainogap verify', '  ainogap serve');
  return `${lines.join('\n')}\n`;
}

function restoreJson(plan: PlannedRestore, source: string, done: DoneRestore | null): Record<string, unknown> {
  const { database, schema, bytes, ledgerAt, changes, unread } = plan;
  return {
    restored: done !== null,
    file: source,
    database,
    schema,
    bytes,
    ledgerAt: ledgerAt === null ? null : isoTime(ledgerAt),
    changes: changes === null ? null : changesJson(changes),
    notCompared: unread,
    keptAside: done?.keptAside ?? null,
    revokedKeys: done?.revokedKeys ?? 0,
    endedSessions: done?.endedSessions ?? 0,
  };
}

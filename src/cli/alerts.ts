/** `ainogap alerts`: what fires, and whether the webhooks would hear of it. */
import type { Command } from 'commander';
import { listAlerts, type AlertEntry } from '../reports/alerts.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { registerAlertsTest } from './alerts-test.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable, type Column } from './print-table.ts';
import { isoTime } from '../documents/iso-time.ts';
import { alertJson } from '../documents/alert-json.ts';

const LIMIT = 1_000;

export function registerAlerts(program: Command, ctx: CliContext): void {
  const alerts = program.command('alerts').description('see which alerts fire, and try the webhooks');
  addCommand(alerts, {
    usage: 'list',
    description: 'list the alerts that fire, newest first, and what became of their webhook calls',
    example: 'ainogap alerts list\nainogap alerts list --all --json',
  })
    .option('--all', `those that cleared, too (the newest ${LIMIT})`)
    .action(async ({ all = false }: { all?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const config = readConfig(ctx, global);
      const entries = await withDatabase(config.database, 'read', (db) => listAlerts(db, { all, limit: LIMIT }));
      if (global.json) return printJson(ctx, { alerts: entries.map(alertJson) });
      printTable(ctx, columns(all), entries);
      if (entries.length > 0) return;
      const none = config.alerts.rules.length === 0 ? 'No rules are configured, so nothing fires: see alerts in config.example.yaml.' : 'Nothing fires.';
      ctx.stderr.write(`${all ? 'No alerts.' : none}\n`);
    });
  registerAlertsTest(alerts, ctx);
}

function columns(all: boolean): Column<AlertEntry>[] {
  const time = (ms: number | null): string => (ms === null ? '' : isoTime(ms).slice(5, 19).replace('T', ' '));
  const exact = (ms: number | null): string => (ms === null ? '' : isoTime(ms));
  const cleared: Column<AlertEntry> = {
    title: 'cleared UTC',
    field: 'clearedAt',
    cell: ({ clearedAt }) => (clearedAt === null ? 'fires' : time(clearedAt)),
    raw: ({ clearedAt }) => exact(clearedAt),
  };
  return [
    { title: 'fired UTC', field: 'firedAt', cell: ({ firedAt }) => time(firedAt), raw: ({ firedAt }) => exact(firedAt) },
    ...(all ? [cleared] : []),
    { title: 'rule', cell: ({ rule }) => rule, shrink: true },
    { title: 'subject', cell: ({ subjectName }) => subjectName, raw: ({ subject }) => subject, shrink: true },
    { title: 'message', cell: ({ message }) => message, shrink: true },
    { title: 'webhooks', cell: webhookWords, raw: webhookWords, drop: 1 },
  ];
}

/** The latest call to each: `ops delivered, pager waiting (3 tries: HTTP 500)`. */
function webhookWords({ calls }: AlertEntry): string {
  const latest = new Map(calls.map((call) => [call.webhook, call]));
  const words = [...latest.values()].map(({ webhook, state, attempts, lastError }) => {
    const tries = state === 'delivered' || lastError === null ? '' : ` (${attempts === 1 ? '1 try' : `${attempts} tries`}: ${lastError})`;
    return `${webhook} ${state}${tries}`;
  });
  return words.join(', ');
}

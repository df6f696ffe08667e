/** `ainogap handover`: the running gateway gives its listening sockets to the version that is installed now. */
import * as fs from 'node:fs';
import type { Command } from 'commander';
import type { HandedOver } from '../handover/control-messages.ts';
import { findProcesses, type AskedProcess } from '../handover/ask-process.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig } from './open-store.ts';
import { printJson } from './print-json.ts';

interface HandoverOptions {
  readonly pid?: string;
  readonly wait?: boolean;
}

export function registerHandover(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'handover',
    description: 'let the running gateway start the version that is installed now, on the same sockets, and end after its requests: none is lost',
    example: 'ainogap handover\nainogap handover --wait\nkill -USR2 PID     # the same, asked by a signal',
    exitCodes: '0 the new process serves, 1 nothing was handed over and the old one goes on, 2 wrong usage',
  })
    .option('--pid <pid>', 'which process, when several serve one database')
    .option('--wait', 'return when the old process has ended; at the latest after handover_grace')
    .action(async (options: HandoverOptions, command: Command) => {
      const global = globalOptions(command);
      const database = realPath(readConfig(ctx, global).database);
      const processes = await findProcesses(database);
      try {
        await handOver(ctx, choose(processes, options, database), { json: global.json, wait: options.wait === true });
      } finally {
        for (const one of processes) one.leave();
      }
    });
}

async function handOver(ctx: CliContext, chosen: AskedProcess, { json, wait }: { json: boolean; wait: boolean }): Promise<void> {
  const handed = await ask(chosen);
  if (json) printJson(ctx, jsonOf(handed));
  else ctx.stdout.write(words(handed));
  if (!wait) return;
  await chosen.gone;
  if (!json) ctx.stderr.write(`${handed.from} has ended.\n`);
}

function realPath(database: string): string {
  try {
    return fs.realpathSync(database);
  } catch {
    throw new CliError(`there is no database at ${database}.`, { next: 'ainogap init' });
  }
}

function choose(processes: readonly AskedProcess[], { pid }: HandoverOptions, database: string): AskedProcess {
  if (process.platform === 'win32') throw new CliError('on Windows a gateway cannot hand over: stop it and start it again. Connections are refused for as long as that takes.');
  if (pid !== undefined && !/^\d+$/.test(pid)) throw usageError(`--pid is ${JSON.stringify(pid)}; it must be a process id.`);
  const serving = processes.filter(({ state }) => state === 'serving');
  const found = pid === undefined ? serving : serving.filter((one) => one.pid === Number(pid));
  const list = serving.map((one) => `\n  ${one.pid}  ${one.version}  ${one.url}`).join('');
  if (found.length === 1) return found[0] as AskedProcess;
  if (serving.length === 0) throw new CliError(`no gateway serves ${database} here.`, { next: 'ainogap serve' });
  if (pid !== undefined) throw new CliError(`process ${pid} does not serve ${database}. These do:${list}`);
  throw usageError(`${serving.length} gateways serve ${database}:${list}`, `ainogap handover --pid ${serving[0]?.pid}`);
}

async function ask(chosen: AskedProcess): Promise<HandedOver> {
  const outcome = await chosen.handOver().catch((error: unknown) => {
    throw new CliError(`process ${chosen.pid}: ${(error as Error).message}.`, { next: 'ainogap serve' });
  });
  if (outcome.kind === 'handedOver') return outcome;
  const message = outcome.message.replace(/\.$/, '');
  throw new CliError(`process ${chosen.pid} goes on as before: ${message}.`, outcome.next === undefined ? {} : { next: outcome.next });
}

function words({ from, to, version, readyMs, draining }: HandedOver): string {
  const rest = draining === 0 ? '' : `finishes ${draining === 1 ? '1 request' : `${draining} requests`} and `;
  return `process ${from} handed over to ${to} (ainogap ${version}) after ${readyMs} ms; ${from} ${rest}ends\n`;
}

const jsonOf = ({ from, to, version, readyMs, draining }: HandedOver) => ({ from, to, version, readyMs, draining });

/**
 * The commands of the first level, in the order of the help, each with the module that registers it. A module is loaded
 * only when its command is called or all are to be told of: with all of them a small command would take twice the time.
 */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Adds the command with its sub-commands. */
export type Register = (program: Command, ctx: CliContext) => void;

export const COMMAND_GROUPS: Readonly<Record<string, () => Promise<Register>>> = {
  init: async () => (await import('./init.ts')).registerInit,
  serve: async () => (await import('./serve.ts')).registerServe,
  handover: async () => (await import('./handover.ts')).registerHandover,
  health: async () => (await import('./health.ts')).registerHealth,
  top: async () => (await import('./top.ts')).registerTop,
  buyer: async () => (await import('./buyer.ts')).registerBuyer,
  key: async () => (await import('./key.ts')).registerKey,
  route: async () => (await import('./route.ts')).registerRoute,
  topup: async () => (await import('./topup.ts')).registerTopup,
  balance: async () => (await import('./balance.ts')).registerBalance,
  usage: async () => (await import('./usage.ts')).registerUsage,
  statement: async () => (await import('./statement.ts')).registerStatement,
  requests: async () => (await import('./requests.ts')).registerRequests,
  export: async () => (await import('./export.ts')).registerExport,
  receipt: async () => (await import('./receipt.ts')).registerReceipt,
  explain: async () => (await import('./explain.ts')).registerExplain,
  alerts: async () => (await import('./alerts.ts')).registerAlerts,
  admin: async () => (await import('./admin.ts')).registerAdmin,
  audit: async () => (await import('./audit.ts')).registerAudit,
  price: async () => (await import('./price.ts')).registerPrice,
  verify: async () => (await import('./verify.ts')).registerVerify,
  prune: async () => (await import('./prune.ts')).registerPrune,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  backup: async () => (await import('./backup.ts')).registerBackup,
  restore: async () => (await import('./restore.ts')).registerRestore,
  completion: async () => (await import('./completion.ts')).registerCompletion,
  licenses: async () => (await import('./licenses.ts')).registerLicenses,
  __complete: async () => (await import('./complete.ts')).registerComplete,
};

/**
 * The names to load for a command line (without the node and script paths): the command that is called, or all of them
 * when none is, when it is unknown (a message may then name its neighbours) or when help is asked for.
 */
export function calledGroups(argv: readonly string[]): readonly string[] {
  const all = Object.keys(COMMAND_GROUPS);
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '--json' || word.startsWith('--config=')) continue;
    if (word === '--config') at++;
    else return Object.hasOwn(COMMAND_GROUPS, word) ? [word] : all;
  }
  return all;
}

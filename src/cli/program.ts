/**
 * The command line. Each group has one file that exports `registerX(program, ctx)` and adds its commands with
 * `addCommand`. An action throws a `CliError` for what it expects to go wrong; `runCli` prints it and gives its exit
 * code: 0 done, 1 failed, 2 wrong usage.
 */
import { Command, CommanderError } from 'commander';
import { printableLines } from '../printable.ts';
import { registerAdmin } from './admin.ts';
import { registerAlerts } from './alerts.ts';
import { registerAudit } from './audit.ts';
import { registerBalance } from './balance.ts';
import { registerBuyer } from './buyer.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { registerExplain } from './explain.ts';
import { registerExport } from './export.ts';
import { addHelpCommand } from './help-command.ts';
import { registerInit } from './init.ts';
import { registerKey } from './key.ts';
import { registerPrice } from './price.ts';
import { registerReceipt } from './receipt.ts';
import { registerRequests } from './requests.ts';
import { registerRoute } from './route.ts';
import { registerServe } from './serve.ts';
import { registerStatement } from './statement.ts';
import { registerTop } from './top.ts';
import { registerTopup } from './topup.ts';
import { registerUsage } from './usage.ts';
import { registerVerify } from './verify.ts';
import { productVersion } from './version.ts';
import { withoutSecrets } from './without-secrets.ts';

export type Register = (program: Command, ctx: CliContext) => void;

/** In the order of the help. */
const REGISTER: readonly Register[] = [
  registerInit,
  registerServe,
  registerTop,
  registerBuyer,
  registerKey,
  registerRoute,
  registerTopup,
  registerBalance,
  registerUsage,
  registerStatement,
  registerRequests,
  registerExport,
  registerReceipt,
  registerExplain,
  registerAlerts,
  registerAdmin,
  registerAudit,
  registerPrice,
  registerVerify,
];

const EXIT_NOTE = `
Data goes to stdout, talk to stderr; with --json one JSON document, money as integers named …UsdMicros.
Exit codes: 0 done, 1 failed, 2 wrong usage.`;

export function createProgram(ctx: CliContext): Command {
  const program = new Command('ainogap')
    .description('A self-hosted gateway that meters Claude models and debits prepaid USDC balances.')
    .version(productVersion(), '-V, --version', 'print the version')
    .option('--config <file>', 'the configuration (default: AINOGAP_CONFIG, ./config.yaml, the XDG config folder)')
    .option('--json', 'print one JSON document')
    .helpOption('-h, --help', 'show help with an example')
    .addHelpText('after', EXIT_NOTE)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => ctx.stdout.write(text),
      writeErr: (text) => ctx.stderr.write(printableLines(withoutSecrets(text))),
      getOutHelpWidth: () => ctx.stdout.columns,
      getErrHelpWidth: () => ctx.stderr.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const register of REGISTER) register(program, ctx);
  addHelpCommand(program);
  return program;
}

function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

/** Runs one command line (`argv` without the node and script paths) and returns its exit code. */
export async function runCli(argv: readonly string[], ctx: CliContext): Promise<number> {
  try {
    await createProgram(ctx).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return exitCodeOf(error);
    if (!(error instanceof CliError)) throw error;
    const next = error.next === undefined ? '' : `  ${error.next}\n`;
    ctx.stderr.write(printableLines(withoutSecrets(`error: ${error.message}\n${next}`)));
    return error.exitCode;
  }
}

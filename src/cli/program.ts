/**
 * The command line. Each group has one file that exports `registerX(program, ctx)`, adds its commands with `addCommand`
 * and is named in `command-groups.ts`. An action throws a `CliError` for what it expects to go wrong; `runCli` prints it and gives its exit
 * code: 0 done, 1 failed, 2 wrong usage.
 */
import { Command, CommanderError } from 'commander';
import { printableLines } from '../printable.ts';
import { CliError } from './cli-error.ts';
import { calledGroups, COMMAND_GROUPS } from './command-groups.ts';
import type { CliContext } from './context.ts';
import { addHelpCommand } from './help-command.ts';
import { productVersion } from './version.ts';
import { withoutSecrets } from './without-secrets.ts';

const EXIT_NOTE = `
Data goes to stdout, talk to stderr; with --json one JSON document, money as integers named …UsdMicros.
Exit codes: 0 done, 1 failed, 2 wrong usage.`;

/** @param names the commands to load; by default all. */
export async function createProgram(ctx: CliContext, names: readonly string[] = Object.keys(COMMAND_GROUPS)): Promise<Command> {
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
  for (const name of names) (await COMMAND_GROUPS[name]?.())?.(program, ctx);
  addHelpCommand(program);
  return program;
}

function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

/** Runs one command line (`argv` without the node and script paths) and returns its exit code. */
export async function runCli(argv: readonly string[], ctx: CliContext): Promise<number> {
  try {
    const program = await createProgram(ctx, calledGroups(argv));
    await program.parseAsync(argv, { from: 'user' });
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

import type { Command } from 'commander';

export interface CommandSpec {
  /** Name and arguments, e.g. `create <name>`. */
  readonly usage: string;
  readonly description: string;
  /** One command line a line, shown at the end of `--help`. */
  readonly example: string;
  /** Where 1 means something of its own, or there are other codes. Default `0 done, 1 failed, 2 wrong usage`. */
  readonly exitCodes?: string;
  /** For programs alone: the help does not list it. */
  readonly hidden?: boolean;
}

/** Adds a command with an example and its exit codes in its help. The caller adds options and the action. */
export function addCommand(parent: Command, spec: CommandSpec): Command {
  const example = spec.example
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  const codes = `Exit codes: ${spec.exitCodes ?? '0 done, 1 failed, 2 wrong usage'}.`;
  return parent.command(spec.usage, { hidden: spec.hidden === true }).description(spec.description).addHelpText('after', `\nExample:\n${example}\n\n${codes}`);
}

export interface GlobalOptions {
  /** `--config`, as typed. */
  readonly config: string | undefined;
  readonly json: boolean;
}

/** The options that every command has. `command` is the last argument of an action. */
export function globalOptions(command: Command): GlobalOptions {
  const { config, json } = command.optsWithGlobals<{ config?: string; json?: boolean }>();
  return { config, json: json === true };
}

import type { Command } from 'commander';

export interface CommandSpec {
  /** Name and arguments, e.g. `create <name>`. */
  readonly usage: string;
  readonly description: string;
  /** One command line a line, shown at the end of `--help`. */
  readonly example: string;
}

/** Adds a command with an example in its help. The caller adds options and the action. */
export function addCommand(parent: Command, spec: CommandSpec): Command {
  const example = spec.example
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return parent.command(spec.usage).description(spec.description).addHelpText('after', `\nExample:\n${example}`);
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

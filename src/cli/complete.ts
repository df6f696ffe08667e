/**
 * `ainogap __complete`: names and ids for the shells' completions, a line each, a tab before the description. Not in the
 * help. Whoever presses Tab wants no words about a database that is missing or locked: then there is nothing, and no error.
 */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';

export function registerComplete(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: '__complete <what> [prefix]',
    description: 'for the completions of shells: names and ids that begin with what was typed',
    example: 'ainogap __complete buyers ac',
    exitCodes: '0 always, 1 never, 2 wrong usage',
    hidden: true,
  }).action(async (what: string, prefix: string | undefined, _options: unknown, command: Command) => {
    const [{ offersFor }, { printable }] = await Promise.all([import('./completion/offers.ts'), import('../printable.ts')]);
    const { config, json } = globalOptions(command);
    const offers = quietly(() => offersFor(ctx, { asked: what, prefix: prefix ?? '', config }), []);
    if (json) return printJson(ctx, { offers });
    ctx.stdout.write(offers.map(({ value, description }) => `${value}\t${printable(description)}\n`).join(''));
  });
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

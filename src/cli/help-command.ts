import type { Command } from 'commander';
import { didYouMean } from '../nearest.ts';
import { usageError } from './cli-error.ts';

/**
 * Gives a command and its groups a `help [command...]` of our own: commander's prints the general help for a command
 * that does not exist, as if nothing were wrong.
 */
export function addHelpCommand(group: Command): void {
  const commands = [...group.commands];
  if (commands.length === 0) return;
  for (const command of commands) addHelpCommand(command);
  group
    .helpCommand(false)
    .command('help [command...]')
    .description('show help for a command')
    .action((words: string[]) => findCommand(group, words).outputHelp());
}

function findCommand(group: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  if (word === undefined) return group;
  const found = group.commands.find((command) => command.name() === word);
  if (found !== undefined) return findCommand(found, rest);
  const names = group.commands.map((command) => command.name());
  const known = names.length === 0 ? `${pathOf(group)} has no commands of its own.` : didYouMean(word, names).trim();
  throw usageError(`unknown command "${word}".${known === '' ? '' : ` ${known}`}`, `${pathOf(group)} --help`);
}

/** `ainogap buyer` */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

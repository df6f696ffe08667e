/** What the shells are told of: every command that the help shows, with its options and what their values can be. */
import type { Argument, Command, Help, Option } from 'commander';
import { valueSource, type ValueSource } from './value-source.ts';

export interface OptionNode {
  /** `['-h', '--help']`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null: it takes no value. */
  readonly value: { readonly name: string; readonly source: ValueSource } | null;
}
export interface ArgumentNode {
  readonly name: string;
  readonly source: ValueSource;
  /** All words from here on. */
  readonly variadic: boolean;
}
export interface CommandNode {
  /** `key rotate`; empty for the program. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
}

export function completionTree(program: Command): CommandNode {
  return commandNode(program, '');
}

/** The tree as a list, each command before its own. */
export function everyCommand(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(everyCommand)];
}

function commandNode(command: Command, path: string): CommandNode {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const commands = below.filter((child) => child.name() !== 'help').map((child) => commandNode(child, `${path} ${child.name()}`.trim()));
  const helps = below.some((child) => child.name() === 'help') ? [helpNode(commands, path)] : [];
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: optionsOf(help, command, path),
    arguments: command.registeredArguments.map((argument) => argumentNode(argument, path)),
    commands: [...commands, ...helps],
  };
}

/** `help key rotate`: the words after `help` are commands, and nothing follows them. */
function helpNode(commands: readonly CommandNode[], parent: string): CommandNode {
  const path = `${parent} help`.trim();
  const bare = (node: CommandNode, above: string): CommandNode => {
    const here = `${above} ${node.name}`;
    return { ...node, path: here, options: [], arguments: [], commands: node.commands.filter(({ name }) => name !== 'help').map((child) => bare(child, here)) };
  };
  return { path, name: 'help', description: 'show help for a command', options: [], arguments: [], commands: commands.map((node) => bare(node, path)) };
}

function optionsOf(help: Help, command: Command, path: string): OptionNode[] {
  const ofProgram = help.visibleGlobalOptions(command).filter(({ long }) => long !== '--version');
  return [...help.visibleOptions(command), ...ofProgram].map((option) => ({
    names: [option.short, option.long].filter((name) => typeof name === 'string'),
    description: option.description,
    value: valueOf(option, path),
  }));
}

function valueOf(option: Option, command: string): OptionNode['value'] {
  if (option.isBoolean() || !(option.required || option.optional)) return null;
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? option.attributeName();
  return { name, source: valueSource({ command, option: option.long ?? option.short ?? '', name, choices: option.argChoices }) };
}

function argumentNode(argument: Argument, command: string): ArgumentNode {
  const name = argument.name();
  return { name, source: valueSource({ command, option: null, name, choices: argument.argChoices }), variadic: argument.variadic };
}

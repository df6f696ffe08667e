/** The tree as the lines of a script's tables, the same for shells that look things up by the text of a case. */
import { everyCommand, type CommandNode, type OptionNode } from './completion-tree.ts';
import type { ValueSource } from './value-source.ts';

/** A source as one text: `files`, `folders`, `ask buyers`, `words a b`; empty where nothing can be offered. */
export function sourceText(source: ValueSource): string {
  if (source.kind === 'words') return `words ${source.words.join(' ')}`;
  if (source.kind === 'asked') return `ask ${source.asked}`;
  return source.kind === 'free' ? '' : source.kind;
}

export interface ValuedOption {
  /** The command's path; null: with every command. */
  readonly path: string | null;
  readonly name: string;
  readonly source: string;
}

/** Options that take a value, those of the program once. */
export function valuedOptions(tree: CommandNode): ValuedOption[] {
  const ofProgram = new Set(tree.options.flatMap(({ names }) => names));
  const valued = ({ options }: CommandNode, path: string | null): ValuedOption[] => options.flatMap((option) => withValue(option).map((one) => ({ path, ...one })));
  const others = everyCommand(tree).slice(1);
  return [...valued(tree, null), ...others.flatMap((node) => valued(node, node.path).filter(({ name }) => !ofProgram.has(name)))];
}

function withValue({ names, value }: OptionNode): { readonly name: string; readonly source: string }[] {
  return value === null ? [] : names.map((name) => ({ name, source: sourceText(value.source) }));
}

export interface Argument {
  readonly path: string;
  /** Counted from 0; `*` for any from here on. */
  readonly at: string;
  readonly source: string;
}

/** Arguments for which something can be offered. */
export function argumentsWithSource(tree: CommandNode): Argument[] {
  const all = everyCommand(tree).flatMap((node) => node.arguments.map(({ source, variadic }, at) => ({ path: node.path, at: variadic ? '*' : String(at), source: sourceText(source) })));
  return all.filter(({ source }) => source !== '');
}

/** One line of talk: the first sentence's worth of a description. */
export function shortDescription(text: string): string {
  const line = text.split('\n')[0] ?? '';
  const characters = Array.from(line);
  return characters.length <= 72 ? line : `${characters.slice(0, 71).join('')}…`;
}

/**
 * Colour for a terminal. The codes are explicit: one per token class, the same in every view, checked under simulated
 * colour blindness. Only marks are coloured, never numbers; red is for errors alone.
 */
import { Chalk } from 'chalk';
import type { ChalkInstance } from 'chalk';
import type { TokenClass } from '../tokens.ts';
import type { CliContext, TextSink } from './context.ts';

/** `FORCE_COLOR` beats `NO_COLOR` (as in chalk), which beats the terminal. */
export function hasColour(env: CliContext['env'], sink: Pick<TextSink, 'isTTY'>): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  // https://no-color.org: present and not empty, whatever its value.
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return sink.isTTY && env['TERM'] !== 'dumb';
}

export function chalkFor(env: CliContext['env'], sink: Pick<TextSink, 'isTTY'>): ChalkInstance {
  return new Chalk({ level: hasColour(env, sink) ? 1 : 0 });
}

export function classColour(chalk: ChalkInstance, tokenClass: TokenClass): ChalkInstance {
  const colours: Record<TokenClass, ChalkInstance> = {
    input: chalk.cyan,
    output: chalk.yellow,
    cacheWrite5m: chalk.magenta,
    cacheWrite1h: chalk.blueBright,
    cacheRead: chalk.green,
  };
  return colours[tokenClass];
}

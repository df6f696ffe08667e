/** Events for the operator, one line each on stderr: JSON for machines, words on a terminal. Never a body or a secret. */
import type { LogLevel } from './errors.ts';
import { printable } from './printable.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogOptions {
  readonly level?: LogLevel;
  /** `json` unless standard error is a terminal. */
  readonly format?: 'json' | 'text';
  readonly write?: (line: string) => void;
}

export function createLog(options: LogOptions = {}): Log {
  const least = ORDER.indexOf(options.level ?? 'info');
  const format = options.format ?? (process.stderr.isTTY ? 'text' : 'json');
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const at = (level: LogLevel) => (event: string, fields: LogFields = {}) => {
    if (ORDER.indexOf(level) < least) return;
    const time = new Date().toISOString();
    write(format === 'json' ? jsonLine({ time, level, event, ...fields }) : textLine(time, level, event, fields));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(fields: LogFields): string {
  return `${printable(JSON.stringify(fields, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)))}\n`;
}

function textLine(time: string, level: LogLevel, event: string, fields: LogFields): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${word(String(value))}`)
    .join('');
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${event}${rest}\n`;
}

/** One word as it is; all else in quotes. */
function word(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : printable(JSON.stringify(text));
}

/** Events for the operator, one line each on stderr: JSON for machines, words on a terminal. Never a body or a secret. */
import { pino } from 'pino';
import type { LogLevel } from './errors.ts';
import { createHide, SECRET_CHARS_MAX, SECRET_CHARS_MIN, type Hide } from './log/hide-secrets.ts';
import { createLineSink, type LineSink } from './log/line-sink.ts';
import { textLine } from './log/text-line.ts';
import { printable } from './printable.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LogSettings {
  readonly level: LogLevel;
  /** `auto`: words when standard error is a terminal, else JSON. */
  readonly format: 'auto' | 'json' | 'text';
}

/** For events that come by the thousand: their writer makes the JSON itself, at a tenth of what an object costs. */
export interface FastLog {
  readonly enabledFor: (level: LogLevel) => boolean;
  /** An `info` event. `members`: those of a JSON object, without braces; every text in it that others chose is `quoted`. */
  infoJson(event: string, members: string): void;
  /** A JSON string, bounded, printable and without secrets. */
  readonly quoted: (text: string) => string;
}

/** The log of a process, as its owner holds it. */
export interface OperatorLog extends Log, FastLog {
  configure(settings: LogSettings): void;
  /** Secrets in force, to be blotted out wherever they might appear, as those named before: requests that began with them may still run. */
  hide(secrets: readonly string[]): void;
  /** Writes what is still gathered: for those who write to stderr by another way, after what was logged. */
  flush(): void;
}

export interface LogOptions extends Partial<LogSettings> {
  /** Takes each line at once. Default: standard error, gathered. */
  readonly write?: (line: string) => void;
}

/** A stack trace fits; whatever is longer is not a line. */
const TEXT_CHARS_MAX = 8_000;

export function createLog({ level = 'info', format = 'auto', write }: LogOptions = {}): OperatorLog {
  const sink: LineSink = write ? { write, flush: () => undefined } : createLineSink({ onLost: (lines) => log.warn('log_lines_lost', { lines, message: 'what reads the log did not take them' }) });
  const hidden = new Set<string>();
  let hide = createHide();
  let asText = isText(format);
  const shaped = (line: string): string => (asText ? textLine(line) : printableLine(line));
  const logger = pino(
    { base: null, level, timestamp: isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => sink.write(shaped(line)) },
  );
  const at = (of: LogLevel) => (event: string, fields?: LogFields): void => {
    if (!logger.isLevelEnabled(of)) return;
    logger[of](entryOf(event, fields, hide));
    // A warning may be the last word: it is not left to wait for others.
    if (of === 'warn' || of === 'error') sink.flush();
  };
  const log: OperatorLog = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    enabledFor: (of) => logger.isLevelEnabled(of),
    infoJson(event, members) {
      const line = `{"level":"info"${isoTime()},"event":"${event}",${members}}\n`;
      sink.write(asText ? textLine(line) : line);
    },
    quoted: (text) => {
      const safe = hideThenBound(text, hide);
      return WORD.test(safe) ? `"${safe}"` : printable(JSON.stringify(safe));
    },
    configure(settings) {
      logger.level = settings.level;
      asText = isText(settings.format);
    },
    hide(secrets) {
      for (const secret of secrets) hidden.add(secret);
      hide = createHide([...hidden]);
    },
    flush: () => sink.flush(),
  };
  return log;
}

const isText = (format: LogSettings['format']): boolean => (format === 'auto' ? process.stderr.isTTY : format === 'text');

/** ISO 8601, its seconds kept: at thousands of lines a second the date is most of what a line costs. */
function isoTime(): string {
  const now = Date.now();
  const second = Math.floor(now / 1_000);
  if (second !== keptSecond) {
    keptSecond = second;
    keptText = `,"time":"${new Date(second * 1_000).toISOString().slice(0, -4)}`;
  }
  return `${keptText}${String(now - second * 1_000).padStart(3, '0')}Z"`;
}
let keptSecond = NaN;
let keptText = '';

type Entry = Record<string, LogFields[string]>;

function entryOf(event: string, fields: LogFields | undefined, hide: Hide): Entry {
  const entry: Entry = { event, ...fields };
  for (const key in entry) {
    const value = entry[key];
    if (typeof value === 'string') {
      const safe = value.length < SECRET_CHARS_MIN ? value : hideThenBound(value, hide);
      if (safe !== value) entry[key] = safe;
    } else if (typeof value === 'bigint') entry[key] = jsonInteger(value);
  }
  return entry;
}

/** In this order: of a secret that is cut, the part that stays would not be known for one. */
function hideThenBound(text: string, hide: Hide): string {
  const safe = hide(text.length > TEXT_CHARS_MAX ? text.slice(0, TEXT_CHARS_MAX + SECRET_CHARS_MAX) : text);
  return safe.length > TEXT_CHARS_MAX ? `${safe.slice(0, TEXT_CHARS_MAX)}…` : safe;
}
/** What JSON does not escape. */
const WORD = /^[\w.:/@-]*$/;

/** Money stays exact: what JSON's readers would round goes out as its digits in a string. */
function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** The line feed is ours. */
function printableLine(line: string): string {
  return PLAIN.test(line) ? line : `${printable(line.slice(0, -1))}\n`;
}
const PLAIN = /^[\x20-\x7e]*\n$/;

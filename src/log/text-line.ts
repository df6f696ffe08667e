/** An event as words, for people at a terminal. */
import { printable } from '../printable.ts';

/** What a request's line leaves out where it is null, zero, false or empty: there are many, and most say nothing. */
const SPARSE_EVENT = 'request';
const ALWAYS_SAID = new Set(['httpStatus', 'chargeUsdMicros']);

/** @param json the line that a machine would get. */
export function textLine(json: string): string {
  const { time, level, event, ...fields } = JSON.parse(json) as { time: string; level: string; event: string } & Record<string, unknown>;
  const said = event === SPARSE_EVENT ? Object.entries(fields).filter(([key, value]) => ALWAYS_SAID.has(key) || (value !== null && value !== 0 && value !== false && value !== '')) : Object.entries(fields);
  const rest = said.map(([key, value]) => ` ${key}=${word(String(value))}`).join('');
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${event}${rest}\n`;
}

/** One word as it is; all else in quotes. */
function word(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : printable(JSON.stringify(text));
}

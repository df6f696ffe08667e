/** The Prometheus text format 0.0.4; https://prometheus.io/docs/instrumenting/exposition_formats. */
import { setImmediate } from 'node:timers/promises';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Of a histogram or summary: which of its series. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Labels;
  /** Money is a bigint, and is printed exactly. */
  readonly value: number | bigint;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const NO_LABELS: Labels = Object.freeze({});

/** A family of one series without labels. */
export function single(type: 'counter' | 'gauge', name: string, help: string): (value: number | bigint) => Family {
  return (value) => ({ name, type, help, samples: [{ labels: NO_LABELS, value }] });
}

/** After so many series others have their turn: about a millisecond. */
const SERIES_AT_ONCE = 1_000;

/** The whole text. Families are asked for one by one, and however many series they have, the thread is never kept for long. */
export async function exposition(families: Iterable<Family>): Promise<string> {
  let text = '';
  let series = 0;
  for (const family of families) {
    text += familyText(family);
    series += family.samples.length;
    if (series < SERIES_AT_ONCE) continue;
    series = 0;
    await setImmediate();
  }
  return text;
}

function familyText({ name, type, help, samples }: Family): string {
  let text = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
  for (const { suffix = '', labels, value } of samples) text += `${name}${suffix}${labelText(labels)} ${valueText(value)}\n`;
  return text;
}

function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) text += `${text === '' ? '{' : ','}${name}="${quoted(labels[name] as string)}"`;
  return text === '' ? '' : `${text}}`;
}

/** Nearly every label is as it is. */
const quoted = (text: string): string => (/["\\\n]/.test(text) ? escaped(text).replaceAll('"', '\\"') : text);
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function valueText(value: number | bigint): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** The recorded responses of ../shared/corpus: test data that lives beside the project, not in it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MeterReading } from '../../src/metering/reading.ts';

const folder = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

interface BilledTokens {
  readonly input: number;
  readonly output: number;
  readonly cache_write_5m: number;
  readonly cache_write_1h: number;
  readonly cache_read: number;
}

export interface RecordedResponse {
  readonly file: string;
  readonly status: number;
  readonly stream: boolean;
  readonly bytes: number;
  /** Per billed model; absent for errors, broken streams and token counts. */
  readonly bill?: Readonly<Record<string, BilledTokens>>;
}

export const corpusPresent = existsSync(`${folder}manifest.json`);
if (!corpusPresent) console.warn(`SKIPPED: the recorded responses are not at ${folder}; only the small fixtures are tested.`);

export const responses: readonly RecordedResponse[] = corpusPresent
  ? (JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as { responses: RecordedResponse[] }).responses
  : [];

export function readResponse(response: RecordedResponse): Buffer {
  return readFileSync(folder + response.file);
}

/** A bill as comparable lines, from the manifest or from a reading. */
export function billLines(bill: Readonly<Record<string, BilledTokens>>): string[] {
  return Object.entries(bill)
    .map(([model, t]) => `${model}: ${t.input} ${t.output} ${t.cache_write_5m} ${t.cache_write_1h} ${t.cache_read}`)
    .toSorted();
}

export function readingLines(reading: MeterReading): string[] {
  const parts = reading.iterations ?? [{ model: reading.model ?? '', tokens: reading.tokens }];
  return parts
    .map(({ model, tokens: t }) => `${model}: ${t.input} ${t.output} ${t.cacheWrite5m} ${t.cacheWrite1h} ${t.cacheRead}`)
    .toSorted();
}

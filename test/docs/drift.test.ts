/** What the guide says of the program is what the program does: each figure and name is looked up in its source. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { errorsTable, limitsTable, RESPONSE_HEADERS, refusedTable } from '../../src/docs/guide-tables.ts';
import { GUIDE_SLUGS, readGuide } from '../../src/docs/guide-page.ts';
import { ERRORS } from '../../src/errors.ts';
import { ALLOWANCES } from '../../src/config/allowances.ts';
import { DEPTH_MAX } from '../../src/metering/json-limits.ts';
import { BYTES_PER_TOKEN } from '../../src/metering/delta-text.ts';
import { FACTS } from './example-facts.ts';

const SRC = path.resolve(import.meta.dirname, '../../src');
const source = (file: string): string => fs.readFileSync(path.join(SRC, file), 'utf8');
const proxy = fs.readdirSync(path.join(SRC, 'proxy')).map((file) => source(`proxy/${file}`)).join('\n');
const guide = readGuide();
const pageOf = (slug: (typeof GUIDE_SLUGS)[number]): string => guide.find((page) => page.slug === slug)?.markdown ?? '';

test('the table of errors has each code once, with its status and type, in the order of statuses', () => {
  const rows = errorsTable().split('\n').slice(2).map((line) => line.split(' | '));
  expect(rows.map(([, code]) => String(/^`(\w+)`/.exec(code ?? '')?.[1])).toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  for (const [status, words] of rows) {
    const [, code, type] = /^`(\w+)`, type `(\w+)`$/.exec(words ?? '') ?? [];
    const row = ERRORS[code as keyof typeof ERRORS];
    expect({ status, type }).toEqual({ status: `| ${row.status}`, type: row.type });
  }
  const statuses = rows.map(([status]) => Number(status?.slice(2)));
  expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
});

test('what x-should-retry forbids is not retried in the table', () => {
  for (const [code, { shouldRetry }] of Object.entries(ERRORS)) {
    const row = errorsTable().split('\n').find((line) => line.includes(`\`${code}\``));
    if (shouldRetry === false) expect(row).toMatch(/\| no \|$/);
  }
});

test("the gateway's own headers are all in the table, and no others", () => {
  const sent = new Set([...proxy.matchAll(/'(x-ainogap-[a-z-]+)'/g)].map(([, name]) => String(name)));
  expect(Object.keys(RESPONSE_HEADERS).filter((name) => name.startsWith('x-ainogap-')).toSorted()).toEqual([...sent].toSorted());
});

test('limits that are written as words are those of the program', () => {
  const limits = limitsTable(FACTS);
  expect(limits).toContain(`${DEPTH_MAX} levels`);
  expect(limits).toContain(`${/IN_FLIGHT_PER_BUYER = (\d+)/.exec(source('proxy/free.ts'))?.[1]} for each buyer`);
  expect(limits).toContain(`${/maxHeaderSize: (\d+) \* 1024/.exec(source('proxy/server.ts'))?.[1]} KiB`);
  expect(errorsTable()).toContain(`${Number(/BODY_IDLE_TIMEOUT_MS = ([\d_]+)/.exec(source('proxy/exchange.ts'))?.[1]?.replaceAll('_', '')) / 1000} s`);
  expect(pageOf('token-classes')).toContain(`at ${BYTES_PER_TOKEN} bytes a token`);
});

test('each feature that an operator may allow is in the table of what is refused', () => {
  const refused = refusedTable({ ...FACTS, allowed: null });
  expect(refused).not.toContain('allowed by');
  for (const word of ALLOWANCES) expect(refusedTable({ ...FACTS, allowed: word }).split('\n').filter((line) => line.includes('allowed by the operator'))).toHaveLength(1);
});

test('error codes and flags that the guide names exist', () => {
  const text = guide.map(({ markdown }) => markdown).join('\n');
  const codes = [...text.matchAll(/`(\w+_\w+)`/g)].map(([, word]) => word as string);
  const known = [source('errors.ts'), source('api/api-error.ts'), source('metering/price.ts'), source('metering/request.ts'), source('metering/usage-report.ts')].join('\n');
  const elsewhere = new Set(['max_tokens', 'cache_control', 'request_id', 'count_tokens', 'message_stop', 'inference_geo', 'input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']);
  expect(codes.filter((word) => word === word.toLowerCase() && !elsewhere.has(word) && !known.includes(word))).toEqual([]);
});

/** A database as a busy quarter leaves it: request rows over 90 days, the ledger's rows that belong to them, and the sums. */
import { openDatabase, type Db } from '../../src/db/open.ts';
import { ID_EPOCH_MS, type BuyerId, type InstanceId, type RouteAlias } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { makeCardModels, multiplyPrice, parseMultiplier, serializeCard } from '../../src/metering/price-card.ts';
import { micro } from '../../src/money.ts';
import { createRoute } from '../../src/registry/routes.ts';
import { rebuildUsage } from '../../src/reports/rebuild-usage.ts';

export const BUYERS = 50;
export const KEYS = 200;
export const DAYS = 90;
const ROUTES = ['fast', 'deep', 'batch', 'spare'];
const MODELS = ['claude-haiku-4-5', 'claude-sonnet-4-6', 'claude-opus-4-7'];
const DAY_MS = 86_400_000;
/** When the last request ends; a Monday afternoon in UTC. */
export const NOW = Date.UTC(2026, 10, 23, 15, 37, 12);
const START = NOW - (DAYS - 1) * DAY_MS - 16 * 3_600_000;

export interface ReportDatabase {
  /** ms that the request rows took, and then their sums. */
  readonly insertMs: number;
  readonly sumMs: number;
  /** Of the transactions that wrote the sums, ms. */
  readonly longestWriteMs: number;
}

/** `file` must not exist. Always the same rows for the same number of them. */
export function createReportDatabase(file: string, requests: number): ReportDatabase {
  const db = openDatabase(file, { mode: 'create' });
  try {
    // A bench of reading: what is lost with the power is made again.
    db.pragma('synchronous = OFF');
    const began = performance.now();
    fillRegistry(db);
    db.transaction(() => fillRequests(db, requests))();
    const inserted = performance.now();
    const { longestWriteMs } = rebuildUsage(db);
    db.pragma('wal_checkpoint(TRUNCATE)');
    return { insertMs: inserted - began, sumMs: performance.now() - inserted, longestWriteMs };
  } finally {
    db.close();
  }
}

function fillRegistry(db: Db): void {
  const buyer = db.prepare('INSERT INTO buyers(name, created_at) VALUES (?, ?)');
  const key = db.prepare("INSERT INTO keys(buyer_id, label, digest, prefix, last4, created_at) VALUES (?, ?, randomblob(32), 'rk_', 'abcd', ?)");
  const engine = createEngine(db, { instance: 1 as InstanceId, now: () => START });
  for (let id = 1; id <= BUYERS; id++) {
    buyer.run(`buyer ${id}`, START);
    for (let i = 0; i < KEYS / BUYERS; i++) key.run(id, `key ${i}`, START);
  }
  for (const [i, alias] of ROUTES.entries()) addRoute(db, alias as RouteAlias, i === 0 ? '1' : '0.8');
  const deposit = (buyerId: BuyerId) => ({ buyerId, amount: micro(10_000_000_000_000n), kind: 'deposit', reference: `start ${buyerId}`, reason: null }) as const;
  for (let id = 1; id <= BUYERS; id++) engine.apply([{ op: 'deposit', deposit: deposit(id as BuyerId) }]);
}

function addRoute(db: Db, alias: RouteAlias, times: string): void {
  const multiplier = parseMultiplier(times);
  if (!multiplier.ok) throw new Error(multiplier.reason);
  const book = createPriceBook([]);
  const models = makeCardModels(book.models, multiplier.multiplier);
  const body = serializeCard({ models, webSearchPerMillion: multiplyPrice(book.webSearchPerMillion, multiplier.multiplier) });
  createRoute(db, { alias, upstream: 'anthropic', now: START, card: { body, origin: { kind: 'multiplier', multiplier: times, bookDate: book.date } } });
}

/** Numbers that look drawn at random, the same in every run: of `n.i` and `salt`, below `below`. Squares keep salts apart. */
const drawn = (salt: number, below: number): string => {
  const spread = `((n.i + 1) * ${48_271 + 2 * salt} + ${salt * 69_621_337}) % 2147483647`;
  return `((${spread}) * (${spread}) % 2147483629 >> 5) % ${below}`;
};

/** Rounded up once, as every charge is. */
const cost = (prices: string): string => `(${['input', 'output', 'short', 'long', 'read'].map((of) => `u.${of} * ${prices}.${of}`).join(' + ')} + 999999) / 1000000`;

function fillRequests(db: Db, requests: number): void {
  fillPrices(db);
  const step = Math.floor((NOW - 60_000 - START) / requests);
  db.exec(`
CREATE TEMP TABLE made AS
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${requests - 1}),
drawn AS (
  SELECT ${START} + n.i * ${step} + ${drawn(1, step)} AS at, 1 + ${drawn(2, KEYS)} AS key, 1 + ${drawn(3, ROUTES.length)} AS route, ${drawn(4, MODELS.length)} AS model,
    ${drawn(5, 100)} AS fate, 200 + ${drawn(6, 3000)} AS input, 50 + ${drawn(7, 1500)} AS output, 500 + ${drawn(8, 20_000)} AS took,
    iif(${drawn(9, 4)} = 0, ${drawn(10, 8000)}, 0) AS short, iif(${drawn(11, 20)} = 0, ${drawn(12, 8000)}, 0) AS long, ${drawn(13, 40_000)} AS read
  FROM n),
-- fate: 0 refused, 1 and 2 broken upstream, 3 an estimate, else complete
used AS (SELECT d.*, fate > 2 AS charged, p.name FROM drawn d, (SELECT model AS number, name FROM temp.models) p WHERE p.number = d.model)
SELECT ((at - ${ID_EPOCH_MS}) << 22) AS id, 1 + (key - 1) / ${KEYS / BUYERS} AS buyer, key, iif(fate = 0, NULL, u.route) AS route, u.name AS model, fate, at, min(took, ${NOW} - at) AS took,
  charged * u.input AS input, charged * u.output AS output, charged * u.short AS short, charged * u.long AS long, charged * u.read AS read,
  charged * (${cost('p')}) AS charge, charged * (${cost('l')}) AS list
FROM used u JOIN temp.prices p ON p.route = u.route AND p.model = u.name JOIN temp.prices l ON l.route = 1 AND l.model = u.name
ORDER BY id;
INSERT INTO requests(id, buyer_id, key_id, route_id, card_version, model, response_model, status, http_status, error_code, input_tokens, cache_write_5m_tokens,
  cache_write_1h_tokens, cache_read_tokens, output_tokens, charge, hold, shortfall, usage_source, quote_basis, flags, detail, upstream, upstream_request_id, attempts,
  started_at, duration_ms, time_to_first_byte_ms, settled_at, list_cost, output_tokens_max)
SELECT id, buyer, key, route, route, model, iif(fate > 2, model, NULL),
  CASE fate WHEN 0 THEN 'refused' WHEN 1 THEN 'upstream_error' WHEN 2 THEN 'failed' WHEN 3 THEN 'interrupted' ELSE 'completed' END,
  CASE fate WHEN 0 THEN 402 WHEN 1 THEN 529 WHEN 2 THEN 502 ELSE 200 END, CASE fate WHEN 0 THEN 'insufficient_funds' WHEN 1 THEN 'overloaded_error' END,
  input, short, long, read, output, charge, iif(fate = 0, NULL, charge + 1000), 0, CASE WHEN fate < 3 THEN 'none' WHEN 3 THEN 'estimated' ELSE 'reported' END,
  iif(fate = 0, NULL, 'bytes'), NULL, NULL, iif(fate = 0, NULL, 'anthropic'), iif(fate = 0, NULL, 'req_011CSHoEeqs5C35K2UUqR7Fy'), iif(fate = 0, 0, 1), at, took,
  iif(fate > 2, min(took, 400), NULL), at + took, iif(fate = 0, NULL, list), iif(fate = 0, NULL, 4096)
FROM made;
INSERT INTO transfers(id, kind, debit, credit, amount, hold, at) SELECT id, iif(fate > 2, 3, 4), buyer, -2, charge, charge + 1000, at + took FROM made WHERE fate > 0;
UPDATE accounts SET debits_posted = debits_posted + (SELECT coalesce(sum(charge), 0) FROM made WHERE buyer = accounts.id) WHERE id > 0;
UPDATE accounts SET credits_posted = credits_posted + (SELECT sum(charge) FROM made) WHERE id = -2;
UPDATE ledger_clock SET at = ${NOW};
UPDATE usage_state SET complete = 0;
DROP TABLE made;`);
}

function fillPrices(db: Db): void {
  const { byName } = createPriceBook([]);
  db.exec('CREATE TEMP TABLE models(model, name); CREATE TEMP TABLE prices(route, model, input, output, short, long, read)');
  for (const [number, name] of MODELS.entries()) {
    db.prepare('INSERT INTO models VALUES (CAST(? AS INTEGER), ?)').run(number, name);
    const list = byName.get(name)!.prices;
    for (const [i] of ROUTES.entries()) {
      const prices = [list.input, list.output, list.cacheWrite5m, list.cacheWrite1h, list.cacheRead].map((price) => (i === 0 ? price : (price * 8n) / 10n));
      db.prepare('INSERT INTO prices VALUES (CAST(? AS INTEGER), ?, ?, ?, ?, ?, ?)').run(i + 1, name, ...prices);
    }
  }
}

/** `serve --demo`: everything needed to try the product, in a folder that is thrown away afterwards. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createBuyer } from './actions/create-buyer.ts';
import { createKey } from './actions/create-key.ts';
import { createRoute } from './actions/create-route.ts';
import { deposit } from './actions/deposit.ts';
import type { Actor } from './audit/actor.ts';
import { loadConfig, type Config } from './config.ts';
import { openDatabase, type Db } from './db/open.ts';
import { parseRouteAlias, type BuyerId } from './ids.ts';
import { createPriceBook } from './metering/price-book.ts';
import { formatMultiplier, makeCardModels, parseMultiplier, serializeCard } from './metering/price-card.ts';
import { parseUsdc } from './money.ts';
import { KEY_LABEL_DEFAULT } from './registry/keys.ts';

export const DEMO_BUYER = 'demo';
export const DEMO_ROUTE = 'claude-fast';
export const DEMO_USDC = '50';

export interface Demo {
  readonly config: Config;
  /** The absolute path of its `config.yaml`, for other commands to use while it runs. */
  readonly file: string;
  /** The buyer's key, `rk_…`. */
  readonly key: string;
  /** Removes the folder with everything in it. */
  readonly remove: () => void;
}

/** The newest models are there because Claude Code asks for them; nothing real is paid, so the prices are examples. */
const CONFIG = `database: ./ainogap.db
upstreams:
  simulator: { kind: simulator, delay: 150ms, tokens_per_second: 80, output_tokens: 120 }
models:
  - id: claude-opus-5-5
    prices: { input: 5, output: 25, cache_write_5m: 6.25, cache_write_1h: 10, cache_read: 0.50 }
    context_window: 1000000
    max_output: 128000
  - id: claude-sonnet-5-5
    prices: { input: 3, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.30 }
    context_window: 1000000
    max_output: 128000
  - id: claude-haiku-5-5
    prices: { input: 1, output: 5, cache_write_5m: 1.25, cache_write_1h: 2, cache_read: 0.10 }
    context_window: 1000000
    max_output: 128000
`;

/** Makes the folder (0700), its configuration and database, a buyer with 50 USDC, a route over all models, and a key. */
export function createDemo(): Demo {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-demo-'));
  const remove = (): void => fs.rmSync(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'config.yaml');
    fs.writeFileSync(file, CONFIG, { mode: 0o600 });
    const loaded = loadConfig(file);
    if (!loaded.ok) throw new Error(`the demo's configuration does not load: ${loaded.problems.join('; ')}`);
    const db = openDatabase(loaded.config.database, { mode: 'create' });
    try {
      return { config: loaded.config, file, key: fill(db, loaded.config), remove };
    } finally {
      db.close();
    }
  } catch (error) {
    remove();
    throw error;
  }
}

/** Who made all of it, for the audit log. */
const DEMO: Actor = { kind: 'system', name: 'demo', via: 'serve', address: null };

function fill(db: Db, config: Config): string {
  const { buyer } = createBuyer(db, DEMO, { name: DEMO_BUYER, now: Date.now() });
  addRoute(db, config);
  topUp(db, buyer.id);
  return createKey(db, DEMO, { buyerId: buyer.id, label: KEY_LABEL_DEFAULT, now: Date.now() }).secret;
}

function addRoute(db: Db, config: Config): void {
  const alias = parseRouteAlias(DEMO_ROUTE);
  const list = parseMultiplier('1');
  if (!alias.ok || !list.ok) throw new Error('the demo has a wrong alias or multiplier');
  const book = createPriceBook(config.models);
  const body = serializeCard({ models: makeCardModels(book.models, list.multiplier), webSearchPerMillion: book.webSearchPerMillion });
  const origin = { kind: 'multiplier', multiplier: formatMultiplier(list.multiplier), bookDate: book.date } as const;
  createRoute(db, DEMO, { alias: alias.alias, upstream: 'simulator', card: { body, origin } });
}

function topUp(db: Db, buyerId: BuyerId): void {
  const amount = parseUsdc(DEMO_USDC);
  if (!amount.ok) throw new Error(amount.reason);
  const outcome = deposit(db, DEMO, { buyerId, amount: amount.amount, kind: 'deposit', reference: 'demo', reason: null }, Date.now());
  if (outcome.kind !== 'created') throw new Error(`the demo's top-up ended as ${outcome.kind}`);
}

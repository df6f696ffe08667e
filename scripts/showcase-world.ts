/** A gateway's folder with buyers, keys, routes and simulated upstreams, to be looked at and photographed. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createBuyer } from '../src/actions/create-buyer.ts';
import { createKey } from '../src/actions/create-key.ts';
import { createRoute } from '../src/actions/create-route.ts';
import type { Actor } from '../src/audit/actor.ts';
import { openDatabase, type Db } from '../src/db/open.ts';
import { parseRouteAlias, type BuyerId, type KeyId } from '../src/ids.ts';
import { createPriceBook } from '../src/metering/price-book.ts';
import { formatMultiplier, makeCardModels, parseMultiplier, serializeCard } from '../src/metering/price-card.ts';

export interface ShowcaseBuyer {
  readonly id: BuyerId;
  readonly name: string;
  readonly habit: Habit;
  readonly keys: readonly { readonly id: KeyId; readonly secret: string }[];
}

/** How a buyer uses models. */
export interface Habit {
  readonly keys: readonly string[];
  readonly routes: readonly [string, ...string[]];
  readonly models: readonly [string, ...string[]];
  /** Its share of all requests. */
  readonly share: number;
  /** `agent`: long conversations whose prompts are cached; `writer`: writes caches that nobody reads; `chat`: none. */
  readonly style: 'agent' | 'writer' | 'chat';
  /** What is topped up, in USDC, when less than a third of it is left; 0: never. */
  readonly topUp: number;
}

/** Who set it up, for the audit log. */
const OPERATOR: Actor = { kind: 'cli', name: 'ops', via: 'cli', address: null };

export const FAILING_ROUTE = 'claude-preview';

const ROUTES = [
  { alias: 'claude-fast', upstream: 'anthropic', multiplier: '1.25' },
  { alias: 'claude-deep', upstream: 'anthropic-b', multiplier: '1.4' },
  { alias: 'claude-eu', upstream: 'frankfurt', multiplier: '1.5' },
  { alias: FAILING_ROUTE, upstream: 'lab', multiplier: '1' },
] as const;

const [OPUS, SONNET, HAIKU] = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5'];

const HABITS: Readonly<Record<string, Habit>> = {
  acme: { keys: ['prod', 'ci'], routes: ['claude-fast', 'claude-deep'], models: [SONNET, SONNET, OPUS], share: 5, style: 'agent', topUp: 600 },
  delta: { keys: ['prod'], routes: ['claude-deep'], models: [SONNET, OPUS], share: 1.5, style: 'agent', topUp: 400 },
  fable: { keys: ['prod'], routes: ['claude-fast'], models: [HAIKU], share: 1, style: 'chat', topUp: 50 },
  harbor: { keys: ['prod'], routes: ['claude-eu'], models: [SONNET], share: 2, style: 'agent', topUp: 300 },
  kite: { keys: ['prod', 'dev'], routes: ['claude-fast'], models: [HAIKU, SONNET], share: 3, style: 'chat', topUp: 100 },
  lumen: { keys: ['trial'], routes: ['claude-fast'], models: [HAIKU], share: 0, style: 'chat', topUp: 0 },
  nimbus: { keys: ['prod', 'staging'], routes: ['claude-eu', 'claude-fast'], models: [SONNET], share: 1.5, style: 'agent', topUp: 350 },
  orbit: { keys: ['prod'], routes: ['claude-deep'], models: [OPUS], share: 1, style: 'writer', topUp: 45 },
  zephyr: { keys: ['prod', 'batch', 'ci'], routes: ['claude-fast', 'claude-deep'], models: [OPUS, SONNET], share: 6, style: 'agent', topUp: 1500 },
};

const CONFIG = `database: ./ainogap.db
upstreams:
  anthropic: { kind: simulator, delay: 320ms, tokens_per_second: 90, output_tokens: 240 }
  anthropic-b: { kind: simulator, delay: 410ms, tokens_per_second: 70, output_tokens: 300, failure: status, failure_share: 0.12, failure_status: 529 }
  frankfurt: { kind: simulator, delay: 560ms, tokens_per_second: 80, output_tokens: 200 }
  lab: { kind: simulator, delay: 90ms, failure: status, failure_share: 1, failure_status: 500 }
alerts:
  rules:
    - { when: empty_within, hours: 4 }
    - { when: upstream_down, for: 10s }
    - { when: usage_estimated }
`;

export interface ShowcaseWorld {
  readonly folder: string;
  readonly config: string;
  readonly db: Db;
  readonly buyers: readonly ShowcaseBuyer[];
  /** Closes the database and removes the folder. */
  remove(): void;
}

/** `since`, in Unix milliseconds: when it all was set up. */
export function createShowcaseWorld(since: number): ShowcaseWorld {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-showcase-'));
  const config = path.join(folder, 'config.yaml');
  fs.writeFileSync(config, CONFIG, { mode: 0o600 });
  const db = openDatabase(path.join(folder, 'ainogap.db'), { mode: 'create' });
  for (const route of ROUTES) addRoute(db, route, since);
  const buyers = Object.entries(HABITS).map(([name, habit], index) => addBuyer(db, { name, habit, now: since + index * 90_000 }));
  const remove = (): void => {
    db.close();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { folder, config, db, buyers, remove };
}

function addRoute(db: Db, route: (typeof ROUTES)[number], now: number): void {
  const alias = parseRouteAlias(route.alias);
  const parsed = parseMultiplier(route.multiplier);
  if (!alias.ok || !parsed.ok) throw new Error(`a wrong alias or multiplier: ${JSON.stringify(route)}`);
  const book = createPriceBook([]);
  const body = serializeCard({ models: makeCardModels(book.models, parsed.multiplier), webSearchPerMillion: book.webSearchPerMillion });
  const origin = { kind: 'multiplier', multiplier: formatMultiplier(parsed.multiplier), bookDate: book.date } as const;
  createRoute(db, OPERATOR, { alias: alias.alias, upstream: route.upstream, card: { body, origin }, now });
}

function addBuyer(db: Db, { name, habit, now }: { name: string; habit: Habit; now: number }): ShowcaseBuyer {
  const { buyer } = createBuyer(db, OPERATOR, { name, now });
  const keys = habit.keys.map((label, index) => {
    const { key, secret } = createKey(db, OPERATOR, { buyerId: buyer.id, label, now: now + (index + 1) * 20_000 });
    return { id: key.id, secret };
  });
  return { id: buyer.id, name, habit, keys };
}

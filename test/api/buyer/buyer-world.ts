/** The API in process on a database where three buyers have made requests, settled by the real ledger at chosen times. */
import type { ApiPlan } from '../../../src/api/api-plan.ts';
import { openApi, type ApiInProcess, type SignedIn } from '../../support/api-in-process.ts';
import { UsageWorld, type Ended } from '../../reports/usage-world.ts';

/** 2026-11-21 10:00 UTC, when the first request can end. */
export const START = Date.UTC(2026, 10, 21, 10);

export interface BuyerWorld {
  readonly api: ApiInProcess;
  readonly world: UsageWorld;
  /** Buyer 1 has the keys 1 and 2, buyer 2 the keys 3 and 4. The routes are `list` and `cheap`, both for all. */
  readonly one: SignedIn;
  readonly two: SignedIn;
  /** Ends a request of buyer 1 by its first key on the route `list`, a minute after the one before, unless told otherwise. */
  end(request?: Partial<Omit<Ended, 'tokens'>> & { readonly tokens?: Partial<Ended['tokens']> }): void;
  close(): void;
}

/** The API's clock is that of the requests. */
export function openBuyerWorld(plan: Partial<ApiPlan> = {}): BuyerWorld {
  // The clock runs in great steps: sessions outlast them.
  const api = openApi({ plan: { sessionIdleMs: 1e12, sessionMaxMs: 1e12, ...plan } });
  const world = new UsageWorld(api.db, START);
  api.clock = { now: () => world.now };
  api.db.prepare('UPDATE buyers SET created_at = ?').run(Date.UTC(2026, 8, 15));
  const [one, two] = [api.signInBuyer('buyer 1'), api.signInBuyer('buyer 2')];
  const end: BuyerWorld['end'] = ({ tokens, ...rest } = {}) => {
    const all = { input: 1_000, output: 200, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, ...tokens };
    world.settle({ afterMs: 60_000, key: 0, route: 0, model: 0, fate: 'completed', searches: 0, ...rest, tokens: all });
  };
  return { api, world, one, two, end, close: () => api.close() };
}

export interface Item<T> {
  readonly item: T;
}
export interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> };
}

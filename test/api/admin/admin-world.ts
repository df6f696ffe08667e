/** The API in process on a database where three buyers have made requests, and an admin who is signed in. */
import type { ApiPlan } from '../../../src/api/api-plan.ts';
import { UsageWorld, type Ended } from '../../reports/usage-world.ts';
import type { Item, List, Refusal } from '../buyer/buyer-world.ts';
import { openApi, type ApiAnswer, type ApiInProcess, type CallOptions, type SignedIn } from '../../support/api-in-process.ts';

/** 2026-11-21 10:00 UTC, when the first request can end. */
export const START = Date.UTC(2026, 10, 21, 10);

export type { Item, List, Refusal };

/** Buyer 1 has the keys 1 and 2, buyer 2 the keys 3 and 4, buyer 3 the keys 5 and 6. The routes are `list` and `cheap` (0.7 × list). */
export class AdminWorld {
  readonly api: ApiInProcess;
  readonly requests: UsageWorld;
  readonly admin: SignedIn;

  /** The API's clock is that of the requests. */
  constructor(plan: Partial<ApiPlan> = {}) {
    const upstreams = [
      { name: 'u', kind: 'anthropic', address: 'https://upstream.test', credential: 'env:KEY' },
      { name: 'spare', kind: 'anthropic', address: null, credential: null },
    ];
    this.api = openApi({ plan: { upstreams, sessionIdleMs: 1e12, sessionMaxMs: 1e12, ...plan } });
    this.requests = new UsageWorld(this.api.db, START);
    this.api.clock = { now: () => this.requests.now };
    this.api.db.prepare('UPDATE buyers SET created_at = ?').run(Date.UTC(2026, 8, 15));
    this.admin = this.api.signInAdmin('eva');
  }

  /** A request of buyer 1 by its first key on `list`, a minute after the one before, unless told otherwise. */
  end({ tokens, ...rest }: Partial<Omit<Ended, 'tokens'>> & { readonly tokens?: Partial<Ended['tokens']> } = {}): void {
    const all = { input: 1_000, output: 200, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, ...tokens };
    this.requests.settle({ afterMs: 60_000, key: 0, route: 0, model: 0, fate: 'completed', searches: 0, ...rest, tokens: all });
  }

  /** Requests of all buyers, routes and fates. */
  endMany(count: number): void {
    const fates = ['completed', 'failed', 'estimated', 'refused', 'shortfall', 'capped'] as const;
    for (let i = 0; i < count; i++) this.end({ key: i % 6, route: i % 2, model: (i >> 1) % 2, searches: i % 3, fate: fates[i % fates.length] ?? 'completed' });
  }

  /** As the admin, by a token unless told otherwise. */
  call<T = unknown>(method: string, target: string, options: CallOptions = {}): Promise<ApiAnswer<T>> {
    return this.api.call<T>(method, target, { as: this.admin, ...options });
  }

  async item<T>(target: string): Promise<T> {
    return (await this.call<Item<T>>('GET', target)).json.item;
  }

  async items<T>(target: string): Promise<readonly T[]> {
    return (await this.call<List<T>>('GET', target)).json.items;
  }

  /** All pages of a list, one after the other. */
  async pages<T>(target: string): Promise<readonly T[][]> {
    const pages: T[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer: ApiAnswer<List<T>> = await this.call<List<T>>('GET', `${target}${target.includes('?') ? '&' : '?'}${cursor === '' ? '' : `cursor=${cursor}`}`);
      pages.push([...answer.json.items]);
      cursor = answer.json.nextCursor;
    }
    return pages;
  }

  /** A refusal's status, code and words. */
  async refused(method: string, target: string, body?: unknown): Promise<readonly [status: number, code: string, message: string]> {
    const { status, json } = await this.call<Refusal>(method, target, body === undefined ? {} : { body });
    return [status, json.error.code, json.error.message];
  }

  auditRows(): { readonly action: string; readonly actor: string; readonly subject: string; readonly text: string }[] {
    const rows = this.api.db.prepare('SELECT action, actor, subject, before, after FROM audit ORDER BY id').all() as { action: string; actor: string; subject: string; before: string | null; after: string | null }[];
    return rows.map(({ action, actor, subject, before, after }) => ({ action, actor, subject, text: `${before ?? ''} ${after ?? ''}` }));
  }

  close(): void {
    this.api.close();
  }
}

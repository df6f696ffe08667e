/** The docs on a real database, as the control plane serves them, with routes of which some are nobody's business. */
import { formatMultiplier, makeCardModels, parseMultiplier, serializeCard, type PricedModel } from '../../src/metering/price-card.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import type { ApiApp } from '../../src/api/api-app.ts';
import { apiParts } from '../../src/api/api-parts.ts';
import { createApp } from '../../src/api/app.ts';
import type { DocsAssets } from '../../src/docs/docs-assets.ts';
import { registerDocs } from '../../src/docs/register-docs.ts';
import type { BuyerId, RouteAlias } from '../../src/ids.ts';
import { createBuyer } from '../../src/registry/buyers.ts';
import { createRoute } from '../../src/registry/routes.ts';
import { openApi, ORIGIN, type ApiInProcess } from '../support/api-in-process.ts';

export interface DocsApp {
  readonly api: ApiInProcess;
  readonly app: ApiApp;
  page(target: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Price × multiplier, of the built-in book and `models`. */
  route(alias: string, options?: { readonly multiplier?: string; readonly buyers?: readonly BuyerId[]; readonly upstream?: string; readonly models?: readonly PricedModel[] }): void;
  buyer(name: string): BuyerId;
  close(): void;
}

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

const NO_ASSETS: DocsAssets = { style: '/assets/docs-TEST.css', script: '/assets/docs-TEST.js', firstPaint: '/assets/first-paint-TEST.js', icon: null };
export const UPSTREAM = 'secret-supplier';

export function openDocs({ assets = NO_ASSETS }: { readonly assets?: DocsAssets } = {}): DocsApp {
  const upstreams = [{ name: UPSTREAM, kind: 'anthropic', address: 'https://supplier.test', credential: 'env:SUPPLIER_KEY' }];
  const api = openApi({ plan: { upstreams } });
  // First, so that these are the docs that answer.
  const app = createApp(api.deps, { parts: [(own, deps) => registerDocs(own, deps, assets), ...apiParts] });
  return {
    api,
    app,
    async page(target, headers = {}) {
      const response = await app.fetch(new Request(`${ORIGIN}${target}`, { headers: { host: new URL(ORIGIN).host, ...headers } }), { remoteAddress: '127.0.0.1', encrypted: false });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes, text: bytes.toString('utf8') };
    },
    route(alias, { multiplier = '1', buyers, upstream = UPSTREAM, models } = {}) {
      const parsed = parseMultiplier(multiplier);
      if (!parsed.ok) throw new Error(parsed.reason);
      const book = createPriceBook([]);
      const body = serializeCard({ models: makeCardModels(models ?? book.models, parsed.multiplier), webSearchPerMillion: book.webSearchPerMillion });
      const card = { body, origin: { kind: 'multiplier', multiplier: formatMultiplier(parsed.multiplier), bookDate: book.date } } as const;
      createRoute(api.db, { alias: alias as RouteAlias, upstream, card, buyers: buyers ?? null });
    },
    buyer: (name) => createBuyer(api.db, name).buyer.id,
    close: () => api.close(),
  };
}

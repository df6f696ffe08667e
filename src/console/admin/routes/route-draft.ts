import type { AdminRoute, PriceBook } from '../../../api/schemas/admin.ts';
import { formatUsdc, jsonMicros, micro, parseUsdc } from '../../../money.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../../tokens.ts';

/** What the form of a route holds, as typed. */
export interface RouteDraft {
  readonly alias: string;
  readonly upstream: string;
  readonly pricing: 'keep' | 'multiplier' | 'explicit';
  readonly multiplier: string;
  /** Names of models; none chosen means all of the price book. */
  readonly models: readonly string[];
  /** USDC per million tokens, as typed, for each chosen model. */
  readonly prices: Readonly<Record<string, TypedPrices>>;
  readonly open: boolean;
  readonly buyers: readonly string[];
  readonly holdOutputTokens: string;
}
export type TypedPrices = Readonly<Record<TokenClass, string>>;

export type Drafted = { readonly ok: true; readonly body: Record<string, unknown> } | { readonly ok: false; readonly reason: string };

export const NEW_ROUTE: RouteDraft = { alias: '', upstream: '', pricing: 'multiplier', multiplier: '1.25', models: [], prices: {}, open: true, buyers: [], holdOutputTokens: '' };

/** The form of a route that exists: its card stays unless something else is chosen. */
export function draftOf(route: AdminRoute): RouteDraft {
  const { card } = route;
  return {
    alias: route.alias,
    upstream: route.upstream,
    pricing: 'keep',
    multiplier: card.origin.kind === 'multiplier' ? card.origin.multiplier : '1',
    models: card.models.map(({ model }) => model),
    prices: Object.fromEntries(card.models.map(({ model, pricesPerMillionUsdMicros }) => [model, typedPrices(pricesPerMillionUsdMicros)])),
    open: route.buyers === null,
    buyers: route.buyers?.map(({ buyerId }) => buyerId) ?? [],
    holdOutputTokens: route.holdOutputTokens === null ? '' : String(route.holdOutputTokens),
  };
}

/** Prices as one would type them: without needless zeros. */
export function typedPrices(prices: Readonly<Record<TokenClass, number>>): TypedPrices {
  const typed = (tokenClass: TokenClass): string => formatUsdc(micro(prices[tokenClass]), 6).replace(/\.?0+$/, '');
  return { input: typed('input'), output: typed('output'), cacheWrite5m: typed('cacheWrite5m'), cacheWrite1h: typed('cacheWrite1h'), cacheRead: typed('cacheRead') };
}

/** The body that makes a route of the draft. */
export function newRouteBody(draft: RouteDraft): Drafted {
  if (draft.alias.trim() === '') return wrong('The route needs an alias, such as claude-fast.');
  if (draft.upstream === '') return wrong('Choose an upstream.');
  return withAll(draft, { alias: draft.alias.trim(), upstream: draft.upstream });
}

/** The body that changes `route` into the draft: only what differs. Prices and models belong to one card, so they go together. */
export function changeRouteBody(route: AdminRoute, draft: RouteDraft): Drafted {
  const made = withAll(draft, { upstream: draft.upstream });
  if (!made.ok) return made;
  const was = withAll(draftOf(route), { upstream: route.upstream });
  const before = was.ok ? was.body : {};
  const body = Object.fromEntries(Object.entries(made.body).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
  return Object.keys(body).length === 0 ? wrong('Nothing is changed yet.') : { ok: true, body };
}

function withAll(draft: RouteDraft, body: Record<string, unknown>): Drafted {
  const hold = draft.holdOutputTokens.trim();
  if (hold !== '' && !/^[1-9]\d{0,8}$/.test(hold)) return wrong('Output tokens to hold: a whole number above zero, or nothing.');
  if (!draft.open && draft.buyers.length === 0) return wrong('Choose at least one buyer, or open the route to all.');
  const card = cardBody(draft);
  if (!card.ok) return card;
  return { ok: true, body: { ...body, ...card.body, buyers: draft.open ? null : [...draft.buyers].sort(), holdOutputTokens: hold === '' ? null : Number(hold) } };
}

function cardBody(draft: RouteDraft): Drafted {
  if (draft.pricing === 'keep') return { ok: true, body: {} };
  if (draft.pricing === 'explicit') return explicitBody(draft);
  const multiplier = draft.multiplier.trim();
  if (!/^\d+(\.\d+)?$/.test(multiplier) || /^0+(\.0+)?$/.test(multiplier)) return wrong('The multiplier is a decimal above zero, such as 1.25.');
  return { ok: true, body: { multiplier, ...(draft.models.length === 0 ? {} : { models: draft.models }) } };
}

function explicitBody(draft: RouteDraft): Drafted {
  if (draft.models.length === 0) return wrong('Choose the models that get prices of their own.');
  const prices: { model: string; pricesPerMillionUsdMicros: Record<string, number> }[] = [];
  for (const model of draft.models) {
    const perClass: Record<string, number> = {};
    for (const tokenClass of TOKEN_CLASSES) {
      const parsed = parseUsdc(draft.prices[model]?.[tokenClass] ?? '');
      if (!parsed.ok) return wrong(`${model}, ${tokenClass}: ${parsed.reason}.`);
      if (parsed.amount < 0n) return wrong(`${model}, ${tokenClass}: a price is not below zero.`);
      perClass[tokenClass] = jsonMicros(parsed.amount);
    }
    prices.push({ model, pricesPerMillionUsdMicros: perClass });
  }
  return { ok: true, body: { prices } };
}

/** Prices to begin with when a model gets its own: those of the card or else of the price book. */
export function startingPrices(model: string, book: PriceBook | undefined): TypedPrices | null {
  const listed = book?.models.find((entry) => entry.model === model);
  return listed === undefined ? null : typedPrices(listed.pricesPerMillionUsdMicros);
}

const wrong = (reason: string): Drafted => ({ ok: false, reason });

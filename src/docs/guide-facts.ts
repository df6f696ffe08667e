/** What belongs to this very gateway and anybody may know: routes open to all with their prices, addresses, limits. */
import type { ApiPlan } from '../api/api-plan.ts';
import type { Db } from '../db/open.ts';
import type { PriceCard, PricedModel } from '../metering/price-card.ts';
import { listRoutes } from '../registry/routes.ts';

export interface OpenRoute {
  readonly alias: string;
  readonly card: Pick<PriceCard, 'models' | 'webSearchPerMillion'>;
}

export interface GuideFacts {
  readonly baseUrl: string;
  readonly consoleUrl: string;
  readonly version: string;
  readonly timezone: string;
  /** By alias. */
  readonly routes: readonly OpenRoute[];
  /** For examples: an alias that is open to all, or words that stand for one. */
  readonly alias: string;
  /** A cheap model of that route. */
  readonly model: string;
  /** The dearest model of that route, as agents use it. */
  readonly agentModel: string;
  /** As the configuration has it, such as 32MB. */
  readonly requestBody: string;
  readonly holdWait: string;
  /** How long the gateway reads on for a client that left, such as 5s. */
  readonly drain: string;
  /** Features that this gateway allows though they cannot be metered; null: none. */
  readonly allowed: string | null;
}

const ALIAS_PLACEHOLDER = 'YOUR-ROUTE';
const MODEL_PLACEHOLDER = 'claude-haiku-4-5';
/** What can stand in JSON, in a shell's quotes and in a program without being escaped. */
const PLAIN_NAME = /^[A-Za-z0-9._:-]+$/;

/** Reads the routes in force: to be asked for again when the registry's generation or the plan has changed. */
export function guideFacts(db: Db, plan: ApiPlan): GuideFacts {
  const configured = new Set(plan.upstreams.map(({ name }) => name));
  const routes = listRoutes(db)
    .filter((route) => route.buyers === null && configured.has(route.upstream))
    .map(({ alias, card: { card } }) => ({ alias, card: { models: card.models, webSearchPerMillion: card.webSearchPerMillion } }));
  const example = routes[0];
  const models = (example?.card.models ?? []).filter(({ id }) => PLAIN_NAME.test(id)).toSorted((a, b) => compare(a.prices.output, b.prices.output));
  const setting = (key: string, otherwise: string): string => plan.settings.items.find((item) => item.key === key)?.value ?? otherwise;
  const allowed = setting('allow', '').replace(/[^a-z_, ]/g, '').trim();
  return {
    baseUrl: plan.baseUrl,
    consoleUrl: plan.consoleUrl,
    version: plan.version,
    timezone: plan.timezone,
    routes,
    alias: example?.alias ?? ALIAS_PLACEHOLDER,
    model: models[0]?.id ?? MODEL_PLACEHOLDER,
    agentModel: models.at(-1)?.id ?? MODEL_PLACEHOLDER,
    requestBody: setting('limits.request_body', '32MB'),
    holdWait: setting('hold_wait', '10s'),
    drain: setting('disconnect.drain.seconds', '5s'),
    allowed: allowed === '' || allowed === 'none' ? null : allowed,
  };
}

/** Changes with every change of a route or a card. */
export function registryGeneration(db: Db): number {
  return db.prepare('SELECT value FROM registry_generation WHERE id = 1').safeIntegers(false).pluck().get() as number;
}

/** Every model that is open to all, once for each route. */
export function openModels(facts: GuideFacts): { readonly alias: string; readonly model: PricedModel; readonly webSearchPerMillion: bigint }[] {
  return facts.routes.flatMap(({ alias, card }) => card.models.map((model) => ({ alias, model, webSearchPerMillion: card.webSearchPerMillion })));
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

import type { CardVersion } from '../ids.ts';
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';

/** Micro-USDC per **million** tokens, one explicit price per class: newer models' reads are no fixed share of input. */
export type ClassPrices = Readonly<Record<TokenClass, bigint>>;

/** A model as a price card or the price book knows it. */
export interface PricedModel {
  /** The canonical id, e.g. `claude-opus-4-6`. */
  readonly id: string;
  /** Other names of the same model, e.g. dated ones. */
  readonly aliases: readonly string[];
  readonly prices: ClassPrices;
  /** Tokens. */
  readonly contextWindow: number;
  /** Tokens: the most `max_tokens` can ask for. */
  readonly maxOutput: number;
  /** Whether a response with `inference_geo: "us"` costs 1.1 times the token prices. */
  readonly geoPremium: boolean;
}

/** Immutable by version, so it may be remembered for ever. */
export interface PriceCard {
  readonly version: CardVersion;
  readonly models: readonly PricedModel[];
  /** Every id and alias → its model. */
  readonly byName: ReadonlyMap<string, PricedModel>;
  /** Micro-USDC per million web searches. */
  readonly webSearchPerMillion: bigint;
}

/** What a card says, before it has a version. */
export type CardPrices = Pick<PriceCard, 'models' | 'webSearchPerMillion'>;

/** An exact decimal factor: `numerator / 1_000_000`. */
export interface Multiplier {
  readonly numerator: bigint;
}
const MULTIPLIER_UNIT = 1_000_000n;
const MULTIPLIER_MAX = 1000n;

export type MultiplierParse =
  { readonly ok: true; readonly multiplier: Multiplier } | { readonly ok: false; readonly reason: string };

/** Reads a decimal such as `0.8` or `1.25`: above 0, at most 1000, up to six decimals. */
export function parseMultiplier(text: string): MultiplierParse {
  const match = /^(\d{1,4})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return { ok: false, reason: `"${text}" is not a multiplier: a decimal with up to six decimals, for example 0.8` };
  const numerator = BigInt(match[1] as string) * MULTIPLIER_UNIT + BigInt((match[2] ?? '').padEnd(6, '0'));
  if (numerator === 0n || numerator > MULTIPLIER_MAX * MULTIPLIER_UNIT)
    return { ok: false, reason: `"${text}" is not a multiplier: it must be above 0 and at most ${MULTIPLIER_MAX}` };
  return { ok: true, multiplier: { numerator } };
}

/** The plain decimal: `0.8`, `1`. */
export function formatMultiplier({ numerator }: Multiplier): string {
  const fraction = (numerator % MULTIPLIER_UNIT).toString().padStart(6, '0').replace(/0+$/, '');
  return `${numerator / MULTIPLIER_UNIT}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A price or fee per million times the multiplier, rounded up to a micro per million. */
export function multiplyPrice(perMillion: bigint, { numerator }: Multiplier): bigint {
  return (perMillion * numerator + MULTIPLIER_UNIT - 1n) / MULTIPLIER_UNIT;
}

/** The models with every price multiplied, once, when a card is made. */
export function makeCardModels(models: readonly PricedModel[], multiplier: Multiplier): readonly PricedModel[] {
  return models.map((model) => ({
    ...model,
    prices: {
      input: multiplyPrice(model.prices.input, multiplier),
      output: multiplyPrice(model.prices.output, multiplier),
      cacheWrite5m: multiplyPrice(model.prices.cacheWrite5m, multiplier),
      cacheWrite1h: multiplyPrice(model.prices.cacheWrite1h, multiplier),
      cacheRead: multiplyPrice(model.prices.cacheRead, multiplier),
    },
  }));
}

/** Every id and alias → its model. Throws RangeError when two models share a name. */
export function indexModels(models: readonly PricedModel[]): ReadonlyMap<string, PricedModel> {
  const byName = new Map<string, PricedModel>();
  for (const model of models)
    for (const name of [model.id, ...model.aliases]) {
      const other = byName.get(name);
      if (other !== undefined && other !== model) throw new RangeError(`two models are named "${name}": ${other.id} and ${model.id}`);
      byName.set(name, model);
    }
  return byName;
}

/** A card that is not one. `path` says where, e.g. `models[0].prices.input`. */
export class CardError extends Error {
  readonly path: string;
  constructor(path: string, problem: string) {
    super(`price card: ${path === '' ? '' : `${path} `}${problem}`);
    this.name = 'CardError';
    this.path = path;
  }
}

/** No unit price we know is a thousandth of this (1 USDC per token); it keeps every sum far inside SQLite's integers. */
const PRICE_MAX = 1_000_000_000_000n;

/**
 * A card as JSON text: what is stored under its version (which only the database gives) and what `--card FILE` may
 * hold. Prices are decimal strings of micro-USDC per million, for a JSON number is a float to most readers.
 */
export function serializeCard(card: CardPrices): string {
  return JSON.stringify({
    webSearchPerMillion: card.webSearchPerMillion.toString(),
    models: card.models.map((model) => ({
      id: model.id,
      aliases: model.aliases,
      contextWindow: model.contextWindow,
      maxOutput: model.maxOutput,
      geoPremium: model.geoPremium,
      prices: Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, model.prices[tokenClass].toString()])),
    })),
  });
}

/** Reads what `serializeCard` wrote, or an operator's file. Throws CardError saying where and what would be right. */
export function parseCard(version: CardVersion, json: string): PriceCard {
  const prices = parseCardPrices(json);
  return Object.freeze({ ...prices, version, byName: indexModels(prices.models) });
}

/** The same before the card has a version. Throws CardError. */
export function parseCardPrices(json: string): CardPrices {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new CardError('', `is not JSON: ${(error as Error).message}`);
  }
  const card = record('', value);
  onlyKeys('', card, ['models', 'webSearchPerMillion']);
  const list = card['models'];
  if (!Array.isArray(list) || list.length === 0) throw new CardError('models', 'must be a list of at least one model');
  const models = list.map((model, i) => parseModel(`models[${i}]`, model));
  try {
    indexModels(models);
  } catch (error) {
    throw new CardError('models', (error as Error).message);
  }
  return { models, webSearchPerMillion: parsePrice('webSearchPerMillion', card['webSearchPerMillion']) };
}

function parseModel(path: string, value: unknown): PricedModel {
  const model = record(path, value);
  onlyKeys(path, model, ['id', 'aliases', 'contextWindow', 'maxOutput', 'geoPremium', 'prices']);
  const geoPremium = model['geoPremium'] ?? false;
  if (typeof geoPremium !== 'boolean') throw new CardError(`${path}.geoPremium`, 'must be true or false');
  const aliases = model['aliases'] ?? [];
  if (!Array.isArray(aliases)) throw new CardError(`${path}.aliases`, 'must be a list of names');
  return Object.freeze({
    id: parseName(`${path}.id`, model['id']),
    aliases: aliases.map((alias, i) => parseName(`${path}.aliases[${i}]`, alias)),
    prices: parsePrices(`${path}.prices`, model['prices']),
    contextWindow: parseCount(`${path}.contextWindow`, model['contextWindow']),
    maxOutput: parseCount(`${path}.maxOutput`, model['maxOutput']),
    geoPremium,
  });
}

function parsePrices(path: string, value: unknown): ClassPrices {
  const prices = record(path, value);
  onlyKeys(path, prices, TOKEN_CLASSES);
  const entries = TOKEN_CLASSES.map((tokenClass) => [tokenClass, parsePrice(`${path}.${tokenClass}`, prices[tokenClass])]);
  return Object.freeze(Object.fromEntries(entries)) as ClassPrices;
}

function parsePrice(path: string, value: unknown): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,13}$/.test(text))
    throw new CardError(path, 'must be micro-USDC per million as a whole number ≥ 0, e.g. "5000000" for 5 USDC');
  const price = BigInt(text);
  if (price > PRICE_MAX) throw new CardError(path, `is above the largest price, ${PRICE_MAX}`);
  return price;
}

function parseCount(path: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 1_000_000_000)
    throw new CardError(path, 'must be a whole number of tokens ≥ 1, e.g. 200000');
  return value;
}

function parseName(path: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new CardError(path, 'must be a model name, e.g. "claude-opus-4-6"');
  return value;
}

function record(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CardError(path, 'must be an object');
  return value as Record<string, unknown>;
}

function onlyKeys(path: string, value: Record<string, unknown>, allowed: readonly string[]): void {
  for (const key of Object.keys(value))
    if (!allowed.includes(key)) throw new CardError(path === '' ? key : `${path}.${key}`, `is unknown here; known are ${allowed.join(', ')}`);
}

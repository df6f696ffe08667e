/**
 * A price card as the operator writes it, for `--card FILE` (YAML, of which JSON is a part):
 *
 * ```yaml
 * web_search_per_thousand: 10        # USD per 1,000 searches; the list price by default
 * models:
 *   claude-opus-4-6:                 # USD per million tokens, five explicit prices
 *     input: 4
 *     output: 20
 *     cache_write_5m: 5
 *     cache_write_1h: 8
 *     cache_read: 0.40
 * ```
 *
 * Prices are read as they are written, never as floats. Every mistake is reported at once, with its line.
 */
import type { YamlPath, YamlTree, YamlValue } from '../config/read-yaml.ts';
import { Numeral, readYaml } from '../config/read-yaml.ts';
import { price } from '../config/scalars.ts';
import type { ClassPrices, PricedModel } from '../metering/price-card.ts';
import type { PriceBook } from '../metering/price-book.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../printable.ts';

export interface CardFile {
  readonly models: readonly PricedModel[];
  /** Micro-USDC per million web searches. */
  readonly webSearchPerMillion: bigint;
}

export type CardFileParse = { readonly ok: true; readonly card: CardFile } | { readonly ok: false; readonly problems: readonly string[] };

const PRICE_KEYS: Readonly<Record<TokenClass, string>> = {
  input: 'input',
  output: 'output',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  cacheRead: 'cache_read',
};
const TOP_KEYS = ['models', 'web_search_per_thousand'];
/** One USDC per token: above it a price is a slip of the hand. */
const PRICE_MAX = 1_000_000_000_000n;

type YamlMap = { [key: string]: YamlValue };

const isMap = (value: YamlValue | undefined): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Numeral);

/** `file` is only for the messages. `book` gives what a card file does not say of a model: names and token limits. */
export function parseCardFile(text: string, file: string, book: PriceBook): CardFileParse {
  const reader = new CardReader(readYaml(text), file, book);
  const card = reader.read();
  return reader.problems.length === 0 ? { ok: true, card } : { ok: false, problems: reader.problems };
}

class CardReader {
  readonly problems: string[] = [];
  readonly #tree: YamlTree;
  readonly #file: string;
  readonly #book: PriceBook;

  constructor(tree: YamlTree, file: string, book: PriceBook) {
    this.#tree = tree;
    this.#file = file;
    this.#book = book;
  }

  read(): CardFile {
    for (const { line, path, message } of this.#tree.mistakes) this.#at(line, path, message);
    const empty: CardFile = { models: [], webSearchPerMillion: this.#book.webSearchPerMillion };
    const top = this.#tree.value;
    if (!isMap(top)) {
      if (this.problems.length === 0) this.#problem([], 'a price card has the key "models", with five prices for each model');
      return empty;
    }
    this.#refuseUnknown(top, [], TOP_KEYS);
    return { models: this.#models(top['models']), webSearchPerMillion: this.#webSearch(top) };
  }

  #models(value: YamlValue | undefined): PricedModel[] {
    if (!isMap(value) || Object.keys(value).length === 0) {
      this.#problem(['models'], 'must name at least one model with its five prices');
      return [];
    }
    const models: PricedModel[] = [];
    for (const [name, prices] of Object.entries(value)) {
      const path = ['models', name];
      const known = this.#book.byName.get(name);
      if (known === undefined) {
        const names = [...this.#book.byName.keys()];
        this.#problem(path, `unknown model.${didYouMean(name, names)} A model beyond the built-in ones is declared under models: in config.yaml.`);
      } else if (models.some((model) => model.id === known.id)) this.#problem(path, `the same model as ${known.id}, which is here already`);
      else models.push({ ...known, prices: this.#prices(prices, path) });
    }
    return models;
  }

  #prices(value: YamlValue, path: YamlPath): ClassPrices {
    const prices: Record<TokenClass, bigint> = { input: 0n, output: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n, cacheRead: 0n };
    if (!isMap(value)) {
      this.#problem(path, `must have five prices: ${Object.values(PRICE_KEYS).join(', ')}`);
      return prices;
    }
    this.#refuseUnknown(value, path, Object.values(PRICE_KEYS));
    for (const tokenClass of TOKEN_CLASSES) prices[tokenClass] = this.#price(value, [...path, PRICE_KEYS[tokenClass]]) ?? 0n;
    return prices;
  }

  #price(map: YamlMap, path: YamlPath): bigint | null {
    const key = String(path.at(-1));
    const value = map[key];
    if (value === undefined) {
      this.#problem(path, 'is missing');
      return null;
    }
    const parsed = price(value);
    if (!parsed.ok) this.#problem(path, parsed.message);
    else if (parsed.value > PRICE_MAX) this.#problem(path, 'is above 1,000,000 USD per million tokens');
    else return parsed.value;
    return null;
  }

  /** USD per thousand searches → micro-USDC per million searches. */
  #webSearch(top: YamlMap): bigint {
    if (!Object.hasOwn(top, 'web_search_per_thousand')) return this.#book.webSearchPerMillion;
    return (this.#price(top, ['web_search_per_thousand']) ?? 0n) * 1000n;
  }

  #refuseUnknown(map: YamlMap, path: YamlPath, known: readonly string[]): void {
    for (const key of Object.keys(map)) {
      if (!known.includes(key)) this.#problem([...path, key], `unknown key.${didYouMean(key, known)} It may have: ${known.join(', ')}`);
    }
  }

  #problem(path: YamlPath, message: string): void {
    this.#at(this.#tree.lineOf(path), path, message);
  }

  #at(line: number, path: YamlPath, message: string): void {
    this.problems.push(printable(`${this.#file}:${line}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`));
  }
}

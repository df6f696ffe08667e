import type { CardVersion } from '../ids.ts';
import type { TokenClass } from '../tokens.ts';

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

/** The multiplications of a receipt, exactly: tokens × price × factors, without rounding. */
import type { Receipt } from '../api/schemas/usage.ts';
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';

/** One micro-USDC, in the unit of exact products: prices are per million, and a factor of 1.1 or 0.5 adds one decimal each. */
const PER_MICRO = 100_000_000n;
const DECIMALS = 14;

export interface ReceiptLine {
  readonly name: TokenClass;
  readonly tokens: number;
  readonly perMillionUsdMicros: number;
  /** In USDC, at least six decimals, as many as there are. */
  readonly product: string;
}
export interface ReceiptPartLines {
  readonly model: string;
  readonly pricedAs: string;
  /** Those that apply, such as `1.1`. */
  readonly factors: readonly string[];
  readonly lines: readonly ReceiptLine[];
}
export interface ReceiptLines {
  readonly parts: readonly ReceiptPartLines[];
  readonly webSearch: { readonly count: number; readonly perMillionUsdMicros: number; readonly factors: readonly string[]; readonly product: string } | null;
  /** The sum of all products, before rounding up and any cap. */
  readonly sum: string;
  /** The sum rounded up to a whole micro-USDC. */
  readonly roundedUsdMicros: number;
}

const tenths = (factor: '1' | '1.1' | '0.5'): bigint => ({ '1': 10n, '1.1': 11n, '0.5': 5n })[factor];

export function receiptLines(receipt: Receipt): ReceiptLines {
  let total = 0n;
  const product = (amount: number, price: number, factors: bigint): string => {
    const exact = BigInt(amount) * BigInt(price) * factors;
    total += exact;
    return exactUsdc(exact);
  };
  const tier = receipt.tierFactor === '1' ? [] : [receipt.tierFactor];
  const parts = receipt.parts.map((part): ReceiptPartLines => {
    const factors = tenths(part.geoFactor) * tenths(receipt.tierFactor);
    const lines = TOKEN_CLASSES.map((name): ReceiptLine => {
      const [tokens, perMillionUsdMicros] = [part.tokens[name], part.unitPricesUsdMicrosPerMillion[name]];
      return { name, tokens, perMillionUsdMicros, product: product(tokens, perMillionUsdMicros, factors) };
    });
    return { model: part.model, pricedAs: part.pricedAs, factors: [...(part.geoFactor === '1' ? [] : [part.geoFactor]), ...tier], lines };
  });
  const { webSearchRequests: count, webSearchUsdMicrosPerMillion: perMillionUsdMicros } = receipt;
  const webSearch = count === 0 ? null : { count, perMillionUsdMicros, factors: tier, product: product(count, perMillionUsdMicros, 10n * tenths(receipt.tierFactor)) };
  return { parts, webSearch, sum: exactUsdc(total), roundedUsdMicros: Number((total + PER_MICRO - 1n) / PER_MICRO) };
}

/** Without trailing zeros beyond the sixth decimal. */
function exactUsdc(exact: bigint): string {
  const text = exact.toString().padStart(DECIMALS + 1, '0');
  const decimals = text.slice(-DECIMALS);
  return `${text.slice(0, -DECIMALS)}.${decimals.slice(0, 6)}${decimals.slice(6).replace(/0+$/, '')}`;
}

import type { MicroUsdc } from '../money.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { TOKEN_CLASSES, type TokenClass, CLASS_WORDS } from '../tokens.ts';

export interface ClassRow {
  /** Null: web searches, and the total. */
  readonly tokenClass: TokenClass | null;
  readonly name: string;
  readonly tokens: number | null;
  readonly charge: MicroUsdc;
}

/** The five classes in their order, then web searches where there were any. */
export function classRows({ tokens, chargeByClass, webSearchCharge }: UsageSums): ClassRow[] {
  const classes = TOKEN_CLASSES.map((tokenClass): ClassRow => ({ tokenClass, name: CLASS_WORDS[tokenClass], tokens: tokens[tokenClass], charge: chargeByClass[tokenClass] }));
  return webSearchCharge === 0n ? classes : [...classes, { tokenClass: null, name: 'web search', tokens: null, charge: webSearchCharge }];
}

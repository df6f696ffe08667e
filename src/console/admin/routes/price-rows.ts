import type { AdminRoute } from '../../../api/schemas/admin.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../../tokens.ts';
import { NO_FIGURE, percent } from '../../format.ts';

export type CardModel = AdminRoute['card']['models'][number];
export type ClassPrices = CardModel['pricesPerMillionUsdMicros'];

/** One class of one model: all in micro-USDC per million tokens. */
export interface PriceRow {
  readonly tokenClass: TokenClass;
  readonly list: number | null;
  readonly card: number;
  /** Card less list. */
  readonly difference: number | null;
  /** (card − list) ÷ card; null where there is no list price, or the card's is zero. */
  readonly margin: number | null;
  readonly belowList: boolean;
  /** What the card was before a change that is previewed; null when it stays. */
  readonly before: number | null;
}

/** A model's five prices beside the list, and beside `before` when a change is previewed. */
export function priceRows(model: CardModel, before?: CardModel): PriceRow[] {
  return TOKEN_CLASSES.map((tokenClass) => {
    const card = model.pricesPerMillionUsdMicros[tokenClass];
    const list = model.listPerMillionUsdMicros?.[tokenClass] ?? null;
    const was = before?.pricesPerMillionUsdMicros[tokenClass] ?? card;
    return {
      tokenClass,
      list,
      card,
      difference: list === null ? null : card - list,
      margin: list === null || card === 0 ? null : (card - list) / card,
      belowList: list !== null && card < list,
      before: was === card ? null : was,
    };
  });
}

/** A card's margins in words: `20.0%`, or `16.7% to 20.0%`. */
export function marginWords(range: { readonly least: number; readonly most: number } | null): string {
  if (range === null) return NO_FIGURE;
  const [least, most] = [percent(range.least), percent(range.most)];
  return least === most ? least : `${least} to ${most}`;
}

/** The least and the largest margin of a card over its models and classes; null when no model has a list price. */
export function marginRange(models: readonly CardModel[]): { readonly least: number; readonly most: number } | null {
  const margins = models.flatMap((model) => priceRows(model).flatMap(({ margin }) => (margin === null ? [] : [margin])));
  return margins.length === 0 ? null : { least: Math.min(...margins), most: Math.max(...margins) };
}

export interface CardChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Models that are in both cards, those with another price only. */
  readonly repriced: readonly { readonly model: string; readonly rows: readonly PriceRow[] }[];
}

/** What differs between two versions of a card. */
export function cardChange(before: readonly CardModel[], after: readonly CardModel[]): CardChange {
  const old = new Map(before.map((model) => [model.model, model]));
  const kept = new Set(after.map(({ model }) => model));
  return {
    added: after.filter(({ model }) => !old.has(model)).map(({ model }) => model),
    removed: before.filter(({ model }) => !kept.has(model)).map(({ model }) => model),
    repriced: after
      .flatMap((model) => {
        const was = old.get(model.model);
        return was === undefined ? [] : [{ model: model.model, rows: priceRows(model, was) }];
      })
      .filter(({ rows }) => rows.some((row) => row.before !== null)),
  };
}

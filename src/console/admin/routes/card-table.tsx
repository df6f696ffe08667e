import type { ReactNode } from 'react';
import type { PriceCard } from '../../../api/schemas/admin.ts';
import { NO_FIGURE, percent, usdc } from '../../format.ts';
import { ClassMark } from '../../parts/class-marks.tsx';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { priceRows, type PriceRow } from './price-rows.ts';

interface Row extends Omit<PriceRow, 'tokenClass'> {
  readonly id: string;
  /** Shown on the first row of a model only; read aloud on each. */
  readonly model: string;
  readonly first: boolean;
  readonly of: ReactNode;
}

const price = (micros: number | null): string => (micros === null ? NO_FIGURE : usdc(micros, 4));
const signed = (micros: number | null): string => (micros === null ? NO_FIGURE : `${micros > 0 ? '+' : ''}${usdc(micros, 4)}`);
const belowList = (row: Row, words: string): ReactNode => (row.belowList ? <strong>! {words}</strong> : words);

const COLUMNS: readonly Column<Row>[] = [
  { id: 'model', header: 'Model', cell: (row) => (row.first ? <span className="nowrap">{row.model}</span> : <span className="visually-hidden">{row.model}</span>) },
  { id: 'class', header: 'Class', cell: (row) => row.of },
  { id: 'list', header: 'List', numeric: true, cell: (row) => price(row.list) },
  { id: 'card', header: 'Card', numeric: true, cell: (row) => <strong>{price(row.card)}</strong> },
  { id: 'difference', header: 'Difference', numeric: true, cell: (row) => belowList(row, signed(row.difference)) },
  { id: 'margin', header: 'Margin', numeric: true, cell: (row) => belowList(row, percent(row.margin)) },
];

/** Each model's five prices beside the list, and the fee of web searches. */
export function CardTable({ card }: { readonly card: PriceCard | undefined }): ReactNode {
  return <DataTable caption="Prices by model and class, USDC per million tokens" columns={COLUMNS} rows={card === undefined ? undefined : cardRows(card)} rowKey={(row) => row.id} wide />;
}

function cardRows(card: PriceCard): Row[] {
  const models = card.models.flatMap((model) => priceRows(model).map(({ tokenClass, ...row }, at): Row => ({ ...row, id: `${model.model} ${tokenClass}`, model: model.model, first: at === 0, of: <ClassMark name={tokenClass} /> })));
  const { webSearchPerMillionUsdMicros: fee, listWebSearchPerMillionUsdMicros: list } = card;
  const perThousand = (micros: number): number => Math.round(micros / 1000);
  const search: Row = { id: 'web search', model: 'web search', first: true, of: 'per 1,000', list: perThousand(list), card: perThousand(fee), difference: perThousand(fee - list), margin: fee === 0 ? null : (fee - list) / fee, belowList: fee < list, before: null };
  return [...models, search];
}

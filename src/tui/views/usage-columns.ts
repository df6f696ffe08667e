/** Columns that several lists share: figures of usage, each class with its mark. */
import { CLASS_MARKS } from '../style.ts';
import { balanceText, compactText, shareText } from '../figures.ts';
import { span } from '../line.ts';
import type { Column } from '../list-model.ts';
import { hitShare, marginShare } from '../../reports/usage-json.ts';
import type { UsageSums } from '../../reports/usage-sums.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';

/** The five classes, always together: a list shows all or none. The mark is both title and letter. */
export function classColumns<Item>(of: (item: Item) => UsageSums, drop: number): Column<Item>[] {
  return TOKEN_CLASSES.map((tokenClass) => ({
    letter: CLASS_MARKS[tokenClass],
    title: CLASS_MARKS[tokenClass],
    align: 'right',
    cell: (item) => compactText(of(item).tokens[tokenClass]),
    sortsBy: (item) => of(item).tokens[tokenClass],
    descendingFirst: true,
    drop,
    least: 6,
    titleInk: tokenClass,
  }));
}

interface Titled {
  readonly letter: string;
  readonly title: string;
  readonly drop: number;
  readonly least?: number;
}

/** Money with two decimals. */
export function moneyColumn<Item>(titled: Titled, of: (item: Item) => bigint): Column<Item> {
  return { ...titled, align: 'right', cell: (item) => balanceText(of(item)), sortsBy: of, descendingFirst: true };
}

export function countColumn<Item>(titled: Titled, of: (item: Item) => number): Column<Item> {
  return { ...titled, align: 'right', cell: (item) => compactText(of(item)), sortsBy: of, descendingFirst: true };
}

export function hitColumn<Item>(titled: Titled, of: (item: Item) => UsageSums): Column<Item> {
  return shareColumn(titled, (item) => hitShare(of(item)));
}

export function shareColumn<Item>(titled: Titled, share: (item: Item) => number | null): Column<Item> {
  return { ...titled, align: 'right', cell: (item) => shareText(share(item)), sortsBy: share, descendingFirst: true };
}

/** Red from one in twenty. */
export function errorColumn<Item>(titled: Titled, share: (item: Item) => number | null): Column<Item> {
  return { ...titled, align: 'right', cell: (item) => span(shareText(share(item)), (share(item) ?? 0) > ERROR_SHARE_HIGH ? 'problem' : 'plain'), sortsBy: share, descendingFirst: true };
}
export const ERROR_SHARE_HIGH = 0.05;

/** The share of the charge that is above list prices; below it stands out. */
export function marginColumn<Item>(titled: Titled, of: (item: Item) => UsageSums): Column<Item> {
  const share = (item: Item): number | null => marginShare(of(item));
  return { ...titled, align: 'right', cell: (item) => span(shareText(share(item)), (share(item) ?? 0) < 0 ? 'warning' : 'plain'), sortsBy: share, descendingFirst: true };
}

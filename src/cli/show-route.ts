/** What `route show` prints: prices per class against the list, the margin, and the risk that the operator took. */
import { formatCardVersion } from '../ids.ts';
import type { PriceBook } from '../metering/price-book.ts';
import { formatUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { CardOrigin } from '../registry/cards.ts';
import type { RouteRecord } from '../registry/routes.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { printTable } from './print-table.ts';
import { isoTime } from '../documents/iso-time.ts';

interface PriceLine {
  readonly model: string;
  readonly tokenClass: TokenClass;
  readonly card: bigint;
  readonly list: bigint | null;
}

function priceLines(route: RouteRecord, book: PriceBook): PriceLine[] {
  return route.card.card.models.flatMap((model) => {
    const listed = book.byName.get(model.id);
    return TOKEN_CLASSES.map((tokenClass) => ({
      model: model.id,
      tokenClass,
      card: model.prices[tokenClass],
      list: listed?.prices[tokenClass] ?? null,
    }));
  });
}

/** (card − list) ÷ card in per cent with one decimal; what cannot be divided is `—`. */
export function marginWords(card: bigint, list: bigint | null): string {
  if (list === null || card === 0n) return '—';
  const perMille = ((card - list) * 1000n) / card;
  const absolute = perMille < 0n ? -perMille : perMille;
  return `${perMille < 0n ? '-' : ''}${absolute / 10n}.${absolute % 10n}%`;
}

const madeFrom = (origin: CardOrigin): string =>
  origin.kind === 'multiplier' ? `${origin.multiplier} × the list of ${origin.bookDate}` : `from ${printable(origin.file)}`;

export function printRoute(ctx: CliContext, route: RouteRecord, book: PriceBook): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  const { card, origin, createdAt } = route.card;
  const lines = [
    `${chalk.bold(route.alias)} to ${route.upstream}   buyers: ${route.buyers?.map(({ name }) => name).join(', ') ?? 'all'}`,
    `price card ${formatCardVersion(card.version)}, ${madeFrom(origin)}, since ${isoTime(createdAt)}; USD per million tokens; list of ${book.date}`,
  ];
  ctx.stdout.write(`${lines.join('\n')}\n`);
  printTable<PriceLine>(
    ctx,
    [
      { title: 'model', cell: (line) => (line.tokenClass === 'input' ? line.model : ''), raw: (line) => line.model, shrink: true },
      { title: 'class', cell: (line) => CLASS_WORDS[line.tokenClass], raw: (line) => line.tokenClass, markOf: (line) => line.tokenClass },
      { title: 'card', cell: (line) => formatUsdc(line.card, 4), raw: (line) => formatUsdc(line.card, 6), align: 'right' },
      {
        title: 'list',
        cell: (line) => (line.list === null ? '—' : formatUsdc(line.list, 4)),
        raw: (line) => (line.list === null ? '' : formatUsdc(line.list, 6)),
        align: 'right',
      },
      { title: 'margin', cell: (line) => marginWords(line.card, line.list), align: 'right' },
    ],
    priceLines(route, book),
  );
  const perThousand = (micros: bigint): string => formatUsdc(micros / 1000n, 4);
  ctx.stdout.write(`web search ${perThousand(card.webSearchPerMillion)} per 1,000 (list ${perThousand(book.webSearchPerMillion)})\n`);
  if (route.holdOutputTokens !== null) ctx.stdout.write(`${chalk.bold('!')} ${riskWords(route.holdOutputTokens)}\n`);
}

export function riskWords(holdOutputTokens: number): string {
  return (
    `Holds only ${holdOutputTokens} output tokens a request. What a request costs beyond its hold is taken from what the buyer has available; ` +
    'what is missing there is your loss.'
  );
}

/** A sale below list price may be meant, but not by accident. */
export function warnBelowList(ctx: CliContext, route: RouteRecord, book: PriceBook): void {
  const below = priceLines(route, book).filter((line) => line.list !== null && line.card < line.list);
  const models = [...new Set(below.map((line) => line.model))];
  if (models.length === 0) return;
  const { origin } = route.card;
  const why = origin.kind === 'multiplier' ? `multiplier ${origin.multiplier} is below 1` : 'prices are below the list';
  const chalk = chalkFor(ctx.env, ctx.stderr);
  ctx.stderr.write(`${chalk.bold('!')} ${why}: you sell below list price (${models.join(', ')}).\n`);
}

/** `ainogap price list`: the price book. */
import type { Command } from 'commander';
import type { PricedModel } from '../metering/price-card.ts';
import { createPriceBook } from '../metering/price-book.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { addCommand, globalOptions } from './add-command.ts';
import type { CliContext } from './context.ts';
import { readConfigIfAny } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import type { Column } from './print-table.ts';
import { pricesJson } from '../documents/route-json.ts';

export function registerPrice(program: Command, ctx: CliContext): void {
  const group = program.command('price').description('the price book: list prices that route cards are made from');
  addCommand(group, {
    usage: 'list',
    description: 'list the models and their five prices, the built-in ones and those of the configuration',
    example: 'ainogap price list',
  }).action((_options: unknown, command: Command) => {
    const global = globalOptions(command);
    const book = createPriceBook(readConfigIfAny(ctx, global)?.models ?? []);
    if (global.json) {
      const webSearchPerMillionUsdMicros = jsonMicros(book.webSearchPerMillion);
      return printJson(ctx, { date: book.date, webSearchPerMillionUsdMicros, models: book.models.map(modelJson) });
    }
    const heading = `Price book of ${book.date}: list prices in USD per million tokens; web search ${formatUsdc(book.webSearchPerMillion / 1000n, 2)} per 1,000.`;
    (ctx.stdout.isTTY ? ctx.stdout : ctx.stderr).write(`${heading}\n`);
    printTable<PricedModel>(
      ctx,
      [
        { title: 'model', cell: (model) => model.id, shrink: true },
        ...TOKEN_CLASSES.map(priceColumn),
        { title: 'context', field: 'contextWindow', cell: (model) => tokens(model.contextWindow), raw: (model) => String(model.contextWindow), align: 'right', drop: 2 },
        { title: 'max output', field: 'maxOutput', cell: (model) => tokens(model.maxOutput), raw: (model) => String(model.maxOutput), align: 'right', drop: 1 },
        { title: 'also', field: 'aliases', cell: (model) => model.aliases.join(','), drop: 3 },
        { title: 'date', cell: () => book.date, drop: 4 },
      ],
      book.models,
    );
  });
}

const priceColumn = (tokenClass: TokenClass): Column<PricedModel> => ({
  title: CLASS_WORDS[tokenClass],
  field: tokenClass,
  cell: (model) => formatUsdc(model.prices[tokenClass], 4),
  raw: (model) => formatUsdc(model.prices[tokenClass], 6),
  align: 'right',
  tokenClass,
});

const tokens = (count: number): string => (count % 1_000_000 === 0 ? `${count / 1_000_000}M` : count % 1000 === 0 ? `${count / 1000}k` : String(count));

function modelJson(model: PricedModel): Record<string, unknown> {
  const { id, aliases, contextWindow, maxOutput, geoPremium, prices } = model;
  return { model: id, aliases, contextWindow, maxOutput, geoPremium, prices: pricesJson(prices) };
}

/** `ainogap route set`: changes a route; a change of prices makes a new version of its card. */
import type { Command } from 'commander';
import { changeRoute } from '../actions/change-route.ts';
import { formatCardVersion } from '../ids.ts';
import { createPriceBook } from '../metering/price-book.ts';
import type { PriceBook } from '../metering/price-book.ts';
import type { Db } from '../db/open.ts';
import type { Config } from '../config.ts';
import type { RouteChange, RouteRecord } from '../registry/routes.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { changedCard, checkCardOptions } from './card-draft.ts';
import { cliActor } from './cli-actor.ts';
import { usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { addRouteOptions, parseBuyers, parseHoldOutputTokens, requireAlias, requireUpstream, routeNotFound } from './route.ts';
import type { RouteOptions } from './route.ts';
import { warnBelowList } from './show-route.ts';
import { routeJson } from '../documents/route-json.ts';

const SETTINGS = ['upstream', 'multiplier', 'card', 'models', 'sync', 'buyers', 'open', 'holdOutputTokens'] as const;

export function registerRouteSet(group: Command, ctx: CliContext): void {
  const command = addCommand(group, {
    usage: 'set <alias>',
    description: 'change a route; running requests keep the price they began under',
    example: 'ainogap route set claude-fast --multiplier 0.9\nainogap route set claude-fast --sync',
  })
    .option('--upstream <name>', 'the upstream, as the configuration names it')
    .option('--sync', 'add the models that are new in the price book, at the multiplier of the card')
    .option('--open', 'open to all buyers again');
  addRouteOptions(command).action(async (aliasText: string, options: RouteOptions, self: Command) => {
    const global = globalOptions(self);
    const alias = requireAlias(aliasText);
    checkCardOptions(options);
    if (SETTINGS.every((name) => options[name] === undefined)) throw usageError('route set needs something to change.', 'ainogap route set --help');
    if (options.open === true && options.buyers !== undefined) throw usageError('--open and --buyers contradict each other: give one of them.');
    const config = readConfig(ctx, global);
    const book = createPriceBook(config.models);
    await withDatabase(config.database, 'write', (db) => {
      const outcome = changeRoute(db, cliActor(), { alias, decide: (route) => changeOf({ ctx, db, config, book, route, options }), now: ctx.now() });
      if (outcome.kind === 'notFound') return routeNotFound(db, alias);
      const after = outcome.kind === 'changed' ? outcome.after : outcome.before;
      if (outcome.kind === 'changed') warnBelowList(ctx, after, book);
      if (global.json) return printJson(ctx, { ...routeJson(after, book), changed: outcome.kind === 'changed' });
      ctx.stdout.write(outcome.kind === 'changed' ? changedWords(outcome.before, after) : `Route ${alias} is like that already; nothing was changed.\n`);
    });
  });
}

interface Wish {
  readonly ctx: CliContext;
  readonly db: Db;
  readonly config: Config;
  readonly book: PriceBook;
  readonly route: RouteRecord;
  readonly options: RouteOptions;
}

function changeOf({ ctx, db, config, book, route, options }: Wish): RouteChange {
  const card = changedCard(ctx, book, { route, options });
  return {
    ...(options.upstream === undefined ? {} : { upstream: requireUpstream(config, options.upstream) }),
    ...(card === null ? {} : { card }),
    ...(options.holdOutputTokens === undefined ? {} : { holdOutputTokens: parseHoldOutputTokens(options.holdOutputTokens) }),
    ...(options.buyers === undefined ? {} : { buyers: parseBuyers(db, options.buyers) }),
    ...(options.open === true ? { buyers: null } : {}),
  };
}

function changedWords(before: RouteRecord, after: RouteRecord): string {
  const old = before.card.card.version;
  const { version, models } = after.card.card;
  const card = old === version ? `price card ${formatCardVersion(version)} as before` : `price card ${formatCardVersion(old)} → ${formatCardVersion(version)}, ${models.length} models`;
  return `Changed route ${after.alias}: ${card}.\n`;
}

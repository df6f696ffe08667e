/** `ainogap route`: create, list, show, set, delete. */
import type { Command } from 'commander';
import { createRoute } from '../actions/create-route.ts';
import { deleteRoute } from '../actions/delete-route.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/open.ts';
import { formatCardVersion, parseRouteAlias } from '../ids.ts';
import type { BuyerId, RouteAlias } from '../ids.ts';
import { createPriceBook } from '../metering/price-book.ts';
import { findRoute, listRoutes } from '../registry/routes.ts';
import type { RouteRecord } from '../registry/routes.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { checkCardOptions, firstCard, splitList } from './card-draft.ts';
import type { CardOptions } from './card-draft.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { requireBuyers } from './find-buyer.ts';
import { didYouMean } from '../nearest.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { registerRouteSet } from './route-set.ts';
import { printRoute, warnBelowList } from './show-route.ts';
import { routeJson } from '../documents/route-json.ts';

export function registerRoute(program: Command, ctx: CliContext): void {
  const group = program.command('route').description('routes: an alias, its upstream, its price card');
  registerCreate(group, ctx);
  registerList(group, ctx);
  registerShow(group, ctx);
  registerRouteSet(group, ctx);
  registerDelete(group, ctx);
}

export interface RouteOptions extends CardOptions {
  readonly upstream?: string;
  readonly buyers?: string;
  readonly open?: boolean;
  readonly holdOutputTokens?: string;
}

/** The options that `create` and `set` share. */
export function addRouteOptions(command: Command): Command {
  return command
    .option('--multiplier <decimal>', 'list prices × this, applied once, when the card is made')
    .option('--card <file>', 'five explicit prices per model, from a YAML or JSON file ("-": stdin)')
    .option('--models <a,b>', 'only these models of the price book')
    .option('--buyers <a,b>', 'only these buyers; for others the route does not exist')
    .option('--hold-output-tokens <n>', 'hold at most this many output tokens; beyond is your risk ("none": hold the worst case)');
}

export function requireAlias(text: string): RouteAlias {
  const parsed = parseRouteAlias(text);
  if (!parsed.ok) throw usageError(`${parsed.reason}.`);
  return parsed.alias;
}

export function requireRoute(db: Db, alias: string): RouteRecord {
  const route = findRoute(db, alias);
  return route ?? routeNotFound(db, alias);
}

export function routeNotFound(db: Db, alias: string): never {
  const aliases = listRoutes(db).map((route) => route.alias);
  throw new CliError(`route "${alias}" not found.${didYouMean(alias, aliases)}`, { next: 'ainogap route list' });
}

export function requireUpstream(config: Config, name: string): string {
  if (config.upstreams.has(name)) return name;
  const names = [...config.upstreams.keys()];
  const have = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw new CliError(`upstream "${name}" is not in the configuration (${have}).${didYouMean(name, names)}`);
}

/** `--hold-output-tokens`: a positive integer, or `none` for the default. */
export function parseHoldOutputTokens(text: string): number | null {
  if (text === 'none') return null;
  const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  if (count === 0) throw usageError(`--hold-output-tokens takes a whole number above 0 or "none", not "${text}".`);
  return count;
}

export function parseBuyers(db: Db, list: string): BuyerId[] {
  return requireBuyers(db, splitList('--buyers', list)).map((buyer) => buyer.id);
}

function registerCreate(group: Command, ctx: CliContext): void {
  const command = addCommand(group, {
    usage: 'create <alias>',
    description: 'create a route with a price card',
    example:
      'ainogap route create claude-fast --upstream anthropic --multiplier 0.8\n' +
      'ainogap route create claude-acme --upstream anthropic --card acme.yaml --buyers acme',
  }).requiredOption('--upstream <name>', 'the upstream, as the configuration names it');
  addRouteOptions(command).action(async (aliasText: string, options: RouteOptions & { upstream: string }, self: Command) => {
    const global = globalOptions(self);
    const alias = requireAlias(aliasText);
    checkCardOptions(options);
    const config = readConfig(ctx, global);
    const book = createPriceBook(config.models);
    const upstream = requireUpstream(config, options.upstream);
    const holdOutputTokens = options.holdOutputTokens === undefined ? null : parseHoldOutputTokens(options.holdOutputTokens);
    const card = firstCard(ctx, book, options);
    const outcome = await withDatabase(config.database, 'write', (db) => {
      const buyers = options.buyers === undefined ? null : parseBuyers(db, options.buyers);
      return createRoute(db, cliActor(), { alias, upstream, card, holdOutputTokens, buyers, now: ctx.now() });
    });
    const { route } = outcome;
    if (outcome.kind === 'exists') throw new CliError(`there is a route "${alias}" already.`, { next: `ainogap route set ${alias} …` });
    warnBelowList(ctx, route, book);
    if (global.json) return printJson(ctx, routeJson(route, book));
    const { models, version } = route.card.card;
    ctx.stdout.write(`Created route ${alias} to ${upstream}: ${models.length} models, price card ${formatCardVersion(version)}.\n`);
    ctx.stderr.write(`Buyers call POST /${alias}/v1/messages. Prices: ainogap route show ${alias}\n`);
  });
}

function registerList(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'list', description: 'list routes', example: 'ainogap route list' }).action(
    async (_options: unknown, command: Command) => {
      const global = globalOptions(command);
      const config = readConfig(ctx, global);
      const routes = await withDatabase(config.database, 'read', listRoutes);
      const book = createPriceBook(config.models);
      if (global.json) return printJson(ctx, { routes: routes.map((route) => routeJson(route, book)) });
      printTable<RouteRecord>(
        ctx,
        [
          { title: 'alias', cell: (route) => route.alias, shrink: true },
          { title: 'upstream', cell: (route) => route.upstream, shrink: true, drop: 1 },
          { title: 'prices', cell: pricesFrom, drop: 2 },
          { title: 'card', field: 'cardVersion', cell: (route) => formatCardVersion(route.card.card.version) },
          { title: 'buyers', cell: (route) => route.buyers?.map(({ name }) => name).join(',') ?? 'all', drop: 3, shrink: true },
          { title: 'models', cell: (route) => route.card.card.models.map(({ id }) => id).join(','), drop: 4, shrink: true },
        ],
        routes,
      );
      if (routes.length === 0) ctx.stderr.write('No routes yet.\n  ainogap route create claude-fast --upstream NAME\n');
    },
  );
}

function pricesFrom({ card: { origin } }: RouteRecord): string {
  return origin.kind === 'multiplier' ? `${origin.multiplier} × list` : origin.file;
}

function registerShow(group: Command, ctx: CliContext): void {
  addCommand(group, {
    usage: 'show <alias>',
    description: 'show a route: its prices per class against the list, its margin, its card version',
    example: 'ainogap route show claude-fast',
  }).action(async (alias: string, _options: unknown, command: Command) => {
    const global = globalOptions(command);
    const config = readConfig(ctx, global);
    const route = await withDatabase(config.database, 'read', (db) => requireRoute(db, alias));
    const book = createPriceBook(config.models);
    if (global.json) return printJson(ctx, routeJson(route, book));
    printRoute(ctx, route, book);
    if (!config.upstreams.has(route.upstream)) ctx.stderr.write(`! Upstream ${route.upstream} is not in the configuration: requests to this route fail.\n`);
  });
}

function registerDelete(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'delete <alias>', description: 'delete a route; its records stay', example: 'ainogap route delete claude-fast --yes' })
    .option('--yes', 'do not ask')
    .action(async (alias: string, options: { yes?: boolean }, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        requireRoute(db, alias);
        await confirm(ctx, `Delete route ${alias}? Requests to it get 404 at once. Requests already running will finish and be billed.`, options.yes === true);
        if (!deleteRoute(db, cliActor(), { alias, now: ctx.now() })) routeNotFound(db, alias);
        if (global.json) return printJson(ctx, { alias, deleted: true });
        ctx.stdout.write(`Deleted route ${alias}.\n`);
      });
    });
}

/** What `buyer show` prints: the buyer, its balance, its keys, and the routes that it can call. */
import type { Db } from '../db/open.ts';
import { formatBuyerId } from '../ids.ts';
import type { Buyer } from '../registry/buyers.ts';
import { listKeys } from '../registry/keys.ts';
import { routesForBuyer } from '../registry/routes.ts';
import { readBalances } from '../reports/balances.ts';
import { balanceLine } from './balance.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import { printKeys } from './print-keys.ts';
import { isoTime } from '../documents/iso-time.ts';
import { keyJson } from '../documents/key-json.ts';
import { balanceJson } from '../documents/balance-json.ts';
import { buyerJson } from '../documents/buyer-json.ts';

export function printBuyer(ctx: CliContext, db: Db, { buyer, json }: { buyer: Buyer; json: boolean }): void {
  const [balance] = readBalances(db, { buyerId: buyer.id, now: ctx.now() });
  if (balance === undefined) throw new Error(`buyer ${buyer.id} has no account`);
  const keys = listKeys(db, buyer.id);
  const routes = routesForBuyer(db, buyer.id).map((route) => route.alias);
  if (json) return printJson(ctx, { ...buyerJson(buyer), ...balanceJson(balance), keys: keys.map(keyJson), routes });
  const chalk = chalkFor(ctx.env, ctx.stdout);
  const status = buyer.disabledAt === null ? '' : `   disabled since ${isoTime(buyer.disabledAt)}`;
  ctx.stdout.write(`${chalk.bold(buyer.name)} (${formatBuyerId(buyer.id)})   created ${isoTime(buyer.createdAt)}${status}\n`);
  ctx.stdout.write(`${balanceLine(ctx, balance)}\n`);
  ctx.stdout.write(`${chalk.bold('routes')} ${routes.length === 0 ? 'none' : routes.join(' ')}\n`);
  if (keys.length > 0) printKeys(ctx, keys);
  else ctx.stdout.write(`${chalk.bold('keys')} none\n`);
}

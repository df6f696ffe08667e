/** `ainogap buyer`: create, list, show, disable, enable, invite. */
import type { Command } from 'commander';
import { createBuyer } from '../actions/create-buyer.ts';
import { setBuyerDisabled } from '../actions/set-buyer-disabled.ts';
import { inviteBuyer } from '../auth/invites.ts';
import { formatBuyerId } from '../ids.ts';
import { parseBuyerName } from '../registry/buyers.ts';
import { readBalances } from '../reports/balances.ts';
import type { BuyerBalance } from '../reports/balances.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { addInviteCommand } from './invite.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { shellWord } from './shell-word.ts';
import { printBuyer } from './show-buyer.ts';
import { usdcColumn } from './usdc-column.ts';
import { balanceJson } from '../documents/balance-json.ts';
import { buyerJson } from '../documents/buyer-json.ts';

export function registerBuyer(program: Command, ctx: CliContext): void {
  const group = program.command('buyer').description('buyers: who holds a balance and keys');
  registerCreate(group, ctx);
  registerList(group, ctx);
  registerShow(group, ctx);
  registerDisable(group, ctx);
  registerEnable(group, ctx);
  addInviteCommand(group, ctx, {
    kind: 'buyer',
    usage: 'invite <buyer>',
    description: 'print a one-time link by which a buyer sets a password for the console',
    invite: (db, { name, ...options }) => inviteBuyer(db, cliActor(), { buyerId: requireBuyer(db, name).id, ...options }),
  });
}

function registerCreate(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'create <name>', description: 'create a buyer with a balance of 0', example: 'ainogap buyer create acme' }).action(
    async (text: string, _options: unknown, command: Command) => {
      const global = globalOptions(command);
      const parsed = parseBuyerName(text);
      if (!parsed.ok) throw usageError(`${parsed.reason}.`);
      const outcome = await withDatabase(readConfig(ctx, global).database, 'write', (db) => createBuyer(db, cliActor(), { name: parsed.name, now: ctx.now() }));
      const { buyer } = outcome;
      if (outcome.kind === 'exists')
        throw new CliError(`there is a buyer "${buyer.name}" already (${formatBuyerId(buyer.id)}).`, { next: 'ainogap buyer list' });
      if (global.json) return printJson(ctx, buyerJson(buyer));
      ctx.stdout.write(`Created buyer ${buyer.name} (${formatBuyerId(buyer.id)}).\n`);
      ctx.stderr.write(`Next: ainogap topup ${shellWord(buyer.name)} 10 && ainogap key create ${shellWord(buyer.name)}\n`);
    },
  );
}

function registerList(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'list', description: 'list buyers with their balances', example: 'ainogap buyer list' }).action(
    async (_options: unknown, command: Command) => {
      const global = globalOptions(command);
      const rows = await withDatabase(readConfig(ctx, global).database, 'read', (db) => readBalances(db, { buyerId: null, now: ctx.now() }));
      if (global.json) return printJson(ctx, { buyers: rows.map(listedJson) });
      printTable<BuyerBalance>(
        ctx,
        [
          { title: 'id', field: 'buyerId', cell: (row) => formatBuyerId(row.buyerId) },
          { title: 'name', cell: (row) => row.buyerName, shrink: true },
          { title: 'status', cell: (row) => (row.disabled ? 'disabled' : 'enabled'), drop: 1 },
          { title: 'balance', ...usdcColumn((row) => row.balance) },
          { title: 'held', ...usdcColumn((row) => row.held), drop: 2 },
          { title: 'available', ...usdcColumn((row) => row.available) },
        ],
        rows,
      );
      if (rows.length === 0) ctx.stderr.write('No buyers yet.\n  ainogap buyer create acme\n');
    },
  );
}

function listedJson(row: BuyerBalance): Record<string, unknown> {
  return { ...balanceJson(row), status: row.disabled ? 'disabled' : 'enabled' };
}

function registerShow(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'show <buyer>', description: 'show a buyer: balance, keys, routes', example: 'ainogap buyer show acme' }).action(
    async (name: string, _options: unknown, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'read', (db) => printBuyer(ctx, db, { buyer: requireBuyer(db, name), json: global.json }));
    },
  );
}

function registerDisable(group: Command, ctx: CliContext): void {
  addCommand(group, {
    usage: 'disable <buyer>',
    description: "refuse all of a buyer's keys from the next request on",
    example: 'ainogap buyer disable acme --yes',
  })
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        const buyer = requireBuyer(db, name);
        const question = `Disable buyer ${buyer.name}? All its keys stop working at once; its balance stays. Requests already running will finish and be billed.`;
        if (buyer.disabledAt === null) await confirm(ctx, question, options.yes === true);
        const changed = setBuyerDisabled(db, cliActor(), { buyerId: buyer.id, disabled: true, now: ctx.now() });
        if (global.json) return printJson(ctx, { buyerId: formatBuyerId(buyer.id), name: buyer.name, status: 'disabled', changed });
        ctx.stdout.write(changed ? `Disabled buyer ${buyer.name}.\n` : `Buyer ${buyer.name} is disabled already.\n`);
      });
    });
}

function registerEnable(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'enable <buyer>', description: "let a disabled buyer's live keys work again", example: 'ainogap buyer enable acme' }).action(
    async (name: string, _options: unknown, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'write', (db) => {
        const buyer = requireBuyer(db, name);
        const changed = setBuyerDisabled(db, cliActor(), { buyerId: buyer.id, disabled: false, now: ctx.now() });
        if (global.json) return printJson(ctx, { buyerId: formatBuyerId(buyer.id), name: buyer.name, status: 'enabled', changed });
        ctx.stdout.write(changed ? `Enabled buyer ${buyer.name}.\n` : `Buyer ${buyer.name} is enabled already.\n`);
      });
    },
  );
}

/** `ainogap admin`: invite, list, disable, enable, and `token`. */
import type { Command } from 'commander';
import { disableAdmin, enableAdmin, listAdminEntries } from '../auth/admins.ts';
import type { AdminEntry } from '../auth/admins.ts';
import { adminTokenStatus, listAdminTokens } from '../auth/admin-tokens.ts';
import { formatTokenId, parseAdminId } from '../auth/auth-ids.ts';
import { inviteAdmin } from '../auth/invites.ts';
import { foldName, parseAdminName } from '../auth/logins.ts';
import type { Db } from '../db/open.ts';
import { adminAccountJson } from '../documents/admin-account-json.ts';
import { isoTime } from '../documents/iso-time.ts';
import { didYouMean } from '../nearest.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { registerAdminToken } from './admin-token.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { addInviteCommand } from './invite.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';

export function registerAdmin(program: Command, ctx: CliContext): void {
  const group = program.command('admin').description("operators: who may sign in to the panel, and programs' tokens");
  addInviteCommand(group, ctx, {
    kind: 'admin',
    usage: 'invite <name>',
    description: 'print a one-time link by which an operator sets a password',
    invite: (db, { name, ...options }) => inviteAdmin(db, cliActor(), { name: requireName(name), ...options }),
  });
  registerList(group, ctx);
  registerDisable(group, ctx);
  registerEnable(group, ctx);
  registerAdminToken(group, ctx);
}

function requireName(text: string): string {
  const parsed = parseAdminName(text);
  if (!parsed.ok) throw usageError(`${parsed.reason}.`);
  return parsed.name;
}

/** By name in any case, or by id. Throws with the nearest name. */
function requireAdmin(db: Db, idOrName: string): AdminEntry {
  const admins = listAdminEntries(db);
  const id = parseAdminId(idOrName);
  const found = admins.find((admin) => (id === null ? foldName(admin.name) === foldName(idOrName) : admin.loginId === id));
  if (found !== undefined) return found;
  const names = admins.map(({ name }) => name);
  throw new CliError(`admin "${idOrName}" not found.${didYouMean(idOrName, names)}`, { next: 'ainogap admin list' });
}

function registerList(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'list', description: 'list operators', example: 'ainogap admin list' }).action(async (_options: unknown, command: Command) => {
    const global = globalOptions(command);
    const admins = await withDatabase(readConfig(ctx, global).database, 'read', listAdminEntries);
    if (global.json) return printJson(ctx, { admins: admins.map(adminAccountJson) });
    printTable<AdminEntry>(
      ctx,
      [
        { title: 'id', field: 'adminId', cell: (admin) => adminAccountJson(admin).adminId },
        { title: 'name', cell: (admin) => admin.name, shrink: true },
        { title: 'status', cell: (admin) => admin.status },
        { title: 'second factor', field: 'secondFactor', cell: secondFactor, drop: 2 },
        { title: 'last sign-in', field: 'lastSignInAt', cell: (admin) => (admin.lastSignInAt === null ? '—' : isoTime(admin.lastSignInAt)), drop: 1 },
      ],
      admins,
    );
    if (admins.length === 0) ctx.stderr.write('No operators yet.\n  ainogap admin invite NAME\n');
  });
}

function secondFactor({ totp, passkeys }: AdminEntry): string {
  const kinds = [...(totp ? ['authenticator'] : []), ...(passkeys === 0 ? [] : [passkeys === 1 ? '1 passkey' : `${passkeys} passkeys`])];
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}

function registerDisable(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'disable <name>', description: 'end an operator\'s sessions and refuse further ones', example: 'ainogap admin disable eva --yes' })
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        const admin = requireAdmin(db, name);
        if (admin.status !== 'disabled') await confirm(ctx, `Disable admin ${admin.name}? All its sessions end at once.`, options.yes === true);
        const changed = disableAdmin(db, cliActor(), { loginId: admin.loginId, now: ctx.now() });
        const tokens = listAdminTokens(db).filter((token) => foldName(token.madeBy) === foldName(admin.name) && adminTokenStatus(token, ctx.now()) === 'live');
        if (global.json) printJson(ctx, { ...adminAccountJson(requireAdmin(db, name)), changed });
        else ctx.stdout.write(changed ? `Disabled admin ${admin.name}.\n` : `Admin ${admin.name} is disabled already.\n`);
        for (const token of tokens) ctx.stderr.write(`! Admin token ${token.label}, made by ${admin.name}, still works.\n  ainogap admin token revoke ${formatTokenId(token.tokenId)}\n`);
      });
    });
}

function registerEnable(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'enable <name>', description: 'let a disabled operator sign in again', example: 'ainogap admin enable eva' }).action(
    async (name: string, _options: unknown, command: Command) => {
      const global = globalOptions(command);
      await withDatabase(readConfig(ctx, global).database, 'write', (db) => {
        const admin = requireAdmin(db, name);
        const changed = enableAdmin(db, cliActor(), { loginId: admin.loginId, now: ctx.now() });
        if (global.json) return printJson(ctx, { ...adminAccountJson(requireAdmin(db, name)), changed });
        ctx.stdout.write(changed ? `Enabled admin ${admin.name}.\n` : `Admin ${admin.name} is enabled already.\n`);
      });
    },
  );
}

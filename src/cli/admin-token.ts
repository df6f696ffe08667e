/** `ainogap admin token`: create, list, revoke. The token stands alone on stdout: `TOKEN=$(ainogap admin token create ci)`. */
import type { Command } from 'commander';
import { adminTokenById, adminTokenStatus, createAdminToken, listAdminTokens, maskAdminToken, parseTokenLabel, revokeAdminToken } from '../auth/admin-tokens.ts';
import type { AdminTokenEntry } from '../auth/admin-tokens.ts';
import { formatTokenId, parseTokenId } from '../auth/auth-ids.ts';
import { adminTokenJson } from '../documents/admin-token-json.ts';
import { isoTime } from '../documents/iso-time.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';

export function registerAdminToken(admin: Command, ctx: CliContext): void {
  const group = admin.command('token').description('tokens for programs that act as an operator');
  registerCreate(group, ctx);
  registerList(group, ctx);
  registerRevoke(group, ctx);
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** As far as the API goes. */
const LONGEST_MS = 3650 * 86_400_000;

/** `90d`, `12h`, `2w` → milliseconds. */
function parseExpiry(text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^([1-9]\d{0,5})([hdw])$/.exec(text);
  const ms = match === null ? Infinity : Number(match[1]) * (UNIT_MS[match[2] as string] as number);
  if (ms > LONGEST_MS) throw usageError(`--expires-in takes hours, days or weeks such as 12h, 90d or 4w, up to 3650d, not "${text}".`);
  return ms;
}

function registerCreate(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'create <label>', description: 'create an admin token and show it once', example: 'TOKEN=$(ainogap admin token create ci --expires-in 90d)' })
    .option('--expires-in <time>', 'hours, days or weeks: 12h, 90d, 4w (default: never)')
    .action(async (text: string, options: { expiresIn?: string }, command: Command) => {
      const global = globalOptions(command);
      const label = parseTokenLabel(text);
      if (!label.ok) throw usageError(`${label.reason}.`);
      const lifeMs = parseExpiry(options.expiresIn);
      const now = ctx.now();
      const { token, secret } = await withDatabase(readConfig(ctx, global).database, 'write', (db) =>
        createAdminToken(db, cliActor(), { label: label.label, expiresAt: lifeMs === null ? null : now + lifeMs, now }),
      );
      if (global.json) return printJson(ctx, { ...adminTokenJson(token, now), adminToken: secret });
      const until = token.expiresAt === null ? 'It does not expire' : `It expires ${isoTime(token.expiresAt)}`;
      ctx.stderr.write(`Created admin token ${token.label} (${formatTokenId(token.tokenId)}). ${until}.\n`);
      ctx.stdout.write(`${secret}\n`);
      ctx.stderr.write('Copy it now. It is shown only once, and it may do all that an operator may.\n');
    });
}

function registerList(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'list', description: 'list admin tokens, expired and revoked ones too', example: 'ainogap admin token list' }).action(
    async (_options: unknown, command: Command) => {
      const global = globalOptions(command);
      const tokens = await withDatabase(readConfig(ctx, global).database, 'read', listAdminTokens);
      if (global.json) return printJson(ctx, { tokens: tokens.map((token) => adminTokenJson(token, ctx.now())) });
      const time = (ms: number | null): string => (ms === null ? '—' : isoTime(ms));
      printTable<AdminTokenEntry>(
        ctx,
        [
          { title: 'id', field: 'tokenId', cell: (token) => formatTokenId(token.tokenId) },
          { title: 'label', cell: (token) => token.label, shrink: true },
          { title: 'token', cell: maskAdminToken, drop: 4 },
          { title: 'status', cell: (token) => adminTokenStatus(token, ctx.now()) },
          { title: 'made by', field: 'madeBy', cell: (token) => token.madeBy, shrink: true, drop: 3 },
          { title: 'expires', field: 'expiresAt', cell: (token) => time(token.expiresAt), drop: 2 },
          { title: 'last used', field: 'lastUsedAt', cell: (token) => time(token.lastUsedAt), drop: 1 },
        ],
        tokens,
      );
      if (tokens.length === 0) ctx.stderr.write('No admin tokens yet.\n  ainogap admin token create LABEL\n');
    },
  );
}

function registerRevoke(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'revoke <token-id>', description: 'refuse an admin token from the next request on', example: 'ainogap admin token revoke token_2 --yes' })
    .option('--yes', 'do not ask')
    .action(async (text: string, options: { yes?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const tokenId = requireTokenId(text);
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        const token = adminTokenById(db, tokenId);
        if (token === null) throw new CliError(`admin token "${text}" not found.`, { next: 'ainogap admin token list' });
        const words = `${token.label} (${text}, ${maskAdminToken(token)})`;
        if (token.revokedAt === null) await confirm(ctx, `Revoke admin token ${words}? It stops working at once.`, options.yes === true);
        const changed = revokeAdminToken(db, cliActor(), { tokenId, now: ctx.now() });
        const after = adminTokenById(db, tokenId) ?? token;
        if (global.json) return printJson(ctx, { ...adminTokenJson(after, ctx.now()), changed });
        ctx.stdout.write(changed ? `Revoked admin token ${words}.\n` : `Admin token ${words} was revoked before, at ${isoTime(after.revokedAt ?? ctx.now())}.\n`);
      });
    });
}

/** Reads `token_2`. A secret typed in its place is not repeated. */
function requireTokenId(text: string): number {
  const id = parseTokenId(text);
  if (id !== null) return id;
  if (text.startsWith('ainogap_admin_')) throw usageError("admin token revoke takes a token's id such as token_2, not the token itself.", 'ainogap admin token list');
  throw usageError(`"${text}" is not a token's id (an example: token_2).`, 'ainogap admin token list');
}

/** `buyer invite` and `admin invite`: the link stands alone on stdout, for it lets in whoever has it first. */
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { InviteRefusal } from '../auth/invites.ts';
import type { NewInvite } from '../auth/invites.ts';
import { inviteUrl } from '../auth/invite-url.ts';
import type { LoginKind } from '../auth/logins.ts';
import type { Db } from '../db/open.ts';
import { createServingCount } from '../ledger/serving-count.ts';
import { isoTime } from '../documents/iso-time.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { consoleOrigin } from './origin.ts';
import { printJson } from './print-json.ts';
import { shellWord } from './shell-word.ts';

export interface InviteCommand {
  readonly kind: LoginKind;
  readonly usage: string;
  readonly description: string;
  readonly invite: (db: Db, options: { readonly name: string; readonly reset: boolean; readonly now: number; readonly inviteMs: number }) => NewInvite;
}

export function addInviteCommand(group: Command, ctx: CliContext, { kind, usage, description, invite }: InviteCommand): void {
  addCommand(group, { usage, description, example: `LINK=$(ainogap ${kind} invite ${kind === 'buyer' ? 'acme' : 'eva'})` })
    .option('--reset', 'replace a lost password and the second factors, and end all sessions')
    .action(async (name: string, options: { reset?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const config = readConfig(ctx, global);
      const { console: settings, database } = config;
      const { made, serving } = await withDatabase(database, 'write', (db) => ({
        made: inWords(kind, name, () => invite(db, { name, reset: options.reset === true, now: ctx.now(), inviteMs: settings.inviteMs })),
        serving: createServingCount(db)(),
      }));
      const url = inviteUrl(consoleOrigin(config), kind, made.token);
      if (global.json) printJson(ctx, { kind, name: made.name, url, expiresAt: isoTime(made.expiresAt), reset: made.reset });
      else ctx.stderr.write(`${made.reset ? 'New password link' : 'Invitation'} for ${made.name}, good once until ${isoTime(made.expiresAt)}:\n`);
      if (!global.json) ctx.stdout.write(`${url}\n`);
      ctx.stderr.write(notes(config, { made, serving }));
    });
}

function notes({ console: settings }: Config, { made, serving }: { readonly made: NewInvite; readonly serving: number }): string {
  const reset = made.reset ? 'The old password and second factors are gone, and all sessions have ended.\n' : '';
  const works = !settings.enabled ? '! The console is off (console.enabled: false), so the link opens nothing.\n' : serving === 0 ? 'The link works while `ainogap serve` runs.\n' : '';
  return `${reset}${works}It lets in whoever has it first: send it to nobody else.\n`;
}

function inWords(kind: LoginKind, name: string, invite: () => NewInvite): NewInvite {
  try {
    return invite();
  } catch (error) {
    if (!(error instanceof InviteRefusal)) throw error;
    const next = error.code === 'disabled' ? `ainogap admin enable ${shellWord(name)}` : `ainogap ${kind} invite ${shellWord(name)} --reset`;
    throw new CliError(error.message, { next });
  }
}

/** `ainogap key`: create, list, rotate, revoke. The secret stands alone on stdout: `KEY=$(ainogap key create acme)`. */
import type { Command } from 'commander';
import { createKey } from '../actions/create-key.ts';
import { revokeKey } from '../actions/revoke-key.ts';
import { formatKeyId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import { KEY_LABEL_DEFAULT, keyById, listKeys, parseKeyLabel } from '../registry/keys.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { requireKeyId } from './key-id.ts';
import { registerKeyRotate } from './key-rotate.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printKeys } from './print-keys.ts';
import { shellWord } from './shell-word.ts';
import { isoTime } from '../documents/iso-time.ts';
import { keyJson } from '../documents/key-json.ts';

export function registerKey(program: Command, ctx: CliContext): void {
  const group = program.command('key').description("buyers' keys: each is shown once and kept as a digest");
  registerCreate(group, ctx);
  registerList(group, ctx);
  registerKeyRotate(group, ctx);
  registerRevoke(group, ctx);
}

function registerCreate(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'create <buyer>', description: 'create a key and show it once', example: 'KEY=$(ainogap key create acme --label ci)' })
    .option('--label <text>', 'what the key is for', KEY_LABEL_DEFAULT)
    .action(async (name: string, options: { label: string }, command: Command) => {
      const global = globalOptions(command);
      const parsed = parseKeyLabel(options.label);
      if (!parsed.ok) throw usageError(`--label: ${parsed.reason}.`);
      const { buyer, created } = await withDatabase(readConfig(ctx, global).database, 'write', (db) => {
        const found = requireBuyer(db, name);
        return { buyer: found, created: createKey(db, cliActor(), { buyerId: found.id, label: parsed.label, now: ctx.now() }) };
      });
      if (global.json) return printJson(ctx, { ...keyJson(created.key), routeApiKey: created.secret });
      ctx.stderr.write(`Created key ${created.key.label} for ${buyer.name} (${formatKeyId(created.key.id)}).\n`);
      ctx.stdout.write(`${created.secret}\n`);
      ctx.stderr.write('Copy it now. It is shown only once.\n');
      if (buyer.disabledAt !== null) ctx.stderr.write(`! Buyer ${buyer.name} is disabled: the key is refused until it is enabled.\n`);
    });
}

function registerList(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'list [buyer]', description: 'list keys, revoked ones too', example: 'ainogap key list acme' }).action(
    async (name: string | undefined, _options: unknown, command: Command) => {
      const global = globalOptions(command);
      const keys = await withDatabase(readConfig(ctx, global).database, 'read', (db) =>
        listKeys(db, name === undefined ? null : requireBuyer(db, name).id),
      );
      if (global.json) return printJson(ctx, { keys: keys.map(keyJson) });
      printKeys(ctx, keys);
      if (keys.length === 0) ctx.stderr.write(`No keys yet.\n  ainogap key create ${name === undefined ? 'BUYER' : shellWord(name)}\n`);
    },
  );
}

function registerRevoke(group: Command, ctx: CliContext): void {
  addCommand(group, { usage: 'revoke <key-id>', description: 'refuse a key from the next request on', example: 'ainogap key revoke key_7 --yes' })
    .option('--yes', 'do not ask')
    .action(async (text: string, options: { yes?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const id = requireKeyId(text, 'key revoke');
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        const key = keyById(db, id);
        if (key === null) throw new CliError(`key "${text}" not found.`, { next: 'ainogap key list' });
        const words = `${key.label} of ${key.buyerName} (${text}, ${maskKey(key)})`;
        if (key.revokedAt === null)
          await confirm(ctx, `Revoke key ${words}? It stops working at once. Requests already running will finish and be billed.`, options.yes === true);
        const changed = revokeKey(db, cliActor(), { keyId: id, now: ctx.now() });
        const now = keyById(db, id) ?? key;
        if (global.json) return printJson(ctx, { ...keyJson(now), changed });
        const at = isoTime(now.revokedAt ?? ctx.now());
        ctx.stdout.write(changed ? `Revoked key ${words}.\n` : `Key ${words} was revoked before, at ${at}.\n`);
      });
    });
}

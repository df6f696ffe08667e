/** `ainogap key rotate`: a new secret for a key; the old one stops in the same moment. */
import type { Command } from 'commander';
import { rotateKey } from '../actions/rotate-key.ts';
import type { Db } from '../db/open.ts';
import { formatKeyId } from '../ids.ts';
import type { KeyId } from '../ids.ts';
import type { Buyer } from '../registry/buyers.ts';
import { maskKey } from '../registry/key-format.ts';
import { listKeys } from '../registry/keys.ts';
import type { Key, RotateOutcome, Rotation } from '../registry/keys.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { requireKeyId } from './key-id.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { shellWord } from './shell-word.ts';
import { isoTime } from '../documents/iso-time.ts';
import { keyJson } from '../documents/key-json.ts';

interface RotateOptions {
  readonly key?: string;
  readonly rotationId?: string;
  readonly yes?: boolean;
}

export function registerKeyRotate(group: Command, ctx: CliContext): void {
  addCommand(group, {
    usage: 'rotate <buyer>',
    description: 'replace a key: the new one is shown once, the old one is refused at once',
    example: 'KEY=$(ainogap key rotate acme --key key_7 --rotation-id 2026-11-acme)',
  })
    .option('--key <id>', 'which key; needed when the buyer has several live ones')
    .option('--rotation-id <text>', 'makes a repeat safe: the same id rotates once')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: RotateOptions, command: Command) => {
      const global = globalOptions(command);
      const keyId = options.key === undefined ? null : requireKeyId(options.key, '--key');
      const rotationId = parseRotationId(options.rotationId);
      await withDatabase(readConfig(ctx, global).database, 'write', async (db) => {
        const buyer = requireBuyer(db, name);
        const rotation: Rotation = { buyerId: buyer.id, keyId, rotationId, now: ctx.now() };
        if (options.yes !== true && ctx.interactive) await askFirst(ctx, db, rotation);
        const outcome = rotateKey(db, cliActor(), rotation);
        if (outcome.kind !== 'rotated' && outcome.kind !== 'repeated') throw rotationRefusal(buyer, rotation, outcome);
        report(ctx, { buyer, rotation, outcome, json: global.json });
      });
    });
}

function parseRotationId(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^[\x21-\x7e]{1,128}$/.test(text)) throw usageError('--rotation-id takes 1 to 128 visible ASCII characters without spaces.');
  return text;
}

/**
 * A rotation ends a key, but unlike a revocation it hands over the next one in the same breath, and scripts rotate on a
 * schedule: so it asks on a terminal and does not insist on `--yes` without one.
 */
async function askFirst(ctx: CliContext, db: Db, { buyerId, keyId }: Rotation): Promise<void> {
  const live = listKeys(db, buyerId).filter((key) => key.revokedAt === null && (keyId === null || key.id === keyId));
  const [only] = live;
  if (only === undefined || live.length > 1) return;
  const question = `Rotate key ${only.label}? The old key, ${maskKey(only)}, stops working at once. Requests already running will finish and be billed.`;
  await confirm(ctx, question, false);
}

interface Report {
  readonly buyer: Buyer;
  readonly rotation: Rotation;
  readonly outcome: Extract<RotateOutcome, { kind: 'rotated' | 'repeated' }>;
  readonly json: boolean;
}

function report(ctx: CliContext, { buyer, rotation, outcome, json }: Report): void {
  const { old } = outcome;
  const key = outcome.kind === 'rotated' ? outcome.created.key : outcome.key;
  const secret = outcome.kind === 'rotated' ? outcome.created.secret : null;
  const { rotationId } = rotation;
  if (json) return printJson(ctx, { ...keyJson(key), routeApiKey: secret, replaces: formatKeyId(old.id), rotationId, changed: secret !== null });
  if (secret === null) {
    ctx.stderr.write(
      `Rotation ${rotationId ?? ''} finished before, at ${isoTime(key.createdAt)}: ${formatKeyId(key.id)} took the place of ${formatKeyId(old.id)}. ` +
        'Nothing was changed, and its key is not shown again.\nIf you do not have it, rotate again with a new --rotation-id.\n',
    );
    return;
  }
  ctx.stderr.write(`New key ${key.label} for ${buyer.name} (${formatKeyId(key.id)}).\n`);
  ctx.stdout.write(`${secret}\n`);
  ctx.stderr.write(`Copy it now. It is shown only once.\nOld key ${formatKeyId(old.id)}, ${maskKey(old)}, revoked ${isoTime(key.createdAt)}.\n`);
}

function keyLines(keys: readonly Key[]): string {
  return keys.map((key) => `\n  ${formatKeyId(key.id)}  ${maskKey(key)}  ${key.label}`).join('');
}

/** Why a key was not rotated. */
export function rotationRefusal(buyer: Pick<Buyer, 'name'>, rotation: Rotation, outcome: Exclude<RotateOutcome, { kind: 'rotated' | 'repeated' }>): CliError {
  const asked = rotation.keyId === null ? '' : formatKeyId(rotation.keyId as KeyId);
  const list = { next: `ainogap key list ${shellWord(buyer.name)}` };
  switch (outcome.kind) {
    case 'severalKeys':
      return usageError(
        `${buyer.name} has ${outcome.keys.length} live keys; name one with --key:${keyLines(outcome.keys)}`,
        `ainogap key rotate ${shellWord(buyer.name)} --key ${formatKeyId((outcome.keys[0] as Key).id)}`,
      );
    case 'noLiveKey':
      return new CliError(`${buyer.name} has no live key to rotate.`, { next: `ainogap key create ${shellWord(buyer.name)}` });
    case 'notFound':
      return new CliError(`${buyer.name} has no key "${asked}".`, list);
    case 'revoked':
      return new CliError(
        `key ${asked} of ${buyer.name} was revoked at ${isoTime(outcome.key.revokedAt ?? 0)}` +
          `${outcome.key.replacedBy === null ? '' : ` and replaced by ${formatKeyId(outcome.key.replacedBy)}`}; only a live key can be rotated.`,
        list,
      );
    case 'conflict':
      return new CliError(
        `rotation id "${rotation.rotationId ?? ''}" was used for another ${outcome.field}: it replaced ${formatKeyId(outcome.old.id)} of ` +
          `${outcome.old.buyerName}. Nothing was changed; take a new --rotation-id.`,
      );
  }
}

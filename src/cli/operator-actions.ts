/**
 * What an operator may do from the live view, each on a connection of its own that is open only as long as it takes: the
 * view itself reads on one that cannot write. The words are those of `topup`, `key` and `buyer`.
 */
import { deposit as makeDeposit } from '../actions/deposit.ts';
import { revokeKey } from '../actions/revoke-key.ts';
import { rotateKey } from '../actions/rotate-key.ts';
import { setBuyerDisabled, type BuyerSwitch } from '../actions/set-buyer-disabled.ts';
import { openDatabase } from '../db/open.ts';
import type { Db } from '../db/open.ts';
import { formatKeyId } from '../ids.ts';
import type { BuyerId, KeyId } from '../ids.ts';
import type { Deposit } from '../ledger/ledger.ts';
import { formatUsdc } from '../money.ts';
import { buyerById } from '../registry/buyers.ts';
import type { Buyer } from '../registry/buyers.ts';
import { maskKey } from '../registry/key-format.ts';
import { keyById } from '../registry/keys.ts';
import type { Key } from '../registry/keys.ts';
import type { Operator } from '../tui/operator.ts';
import { cliActor } from './cli-actor.ts';
import { CliError } from './cli-error.ts';
import { rotationRefusal } from './key-rotate.ts';
import { inWords } from './open-store.ts';
import { topupLine, topupRefusal } from './topup.ts';
import { isoTime } from '../documents/iso-time.ts';

export type OperatorActions = Pick<Operator, 'topUp' | 'rotateKey' | 'revokeKey' | 'setBuyerDisabled'>;

interface Refused {
  readonly ok: false;
  readonly text: string;
}

/** The screen stands still while a writer is waited for. */
const BUSY_TIMEOUT_MS = 2_000;

/** What was expected to go wrong becomes words; a bug passes. */
function withWriter<T>(file: string, use: (db: Db) => T): T | Refused {
  let db: Db | undefined;
  try {
    db = openDatabase(file, { mode: 'write', busyTimeoutMs: BUSY_TIMEOUT_MS });
    return use(db);
  } catch (error) {
    const told = inWords(error);
    if (!(told instanceof CliError)) throw told;
    return { ok: false, text: told.message };
  } finally {
    db?.close();
  }
}

function requireBuyer(db: Db, id: BuyerId): Buyer {
  const buyer = buyerById(db, id);
  if (buyer === null) throw new CliError('this buyer is not there any more.');
  return buyer;
}

function requireKey(db: Db, id: KeyId): Key {
  const key = keyById(db, id);
  if (key === null) throw new CliError('this key is not there any more.');
  return key;
}

/** `database` is the file's path; `now` gives Unix milliseconds. */
export function createOperatorActions(database: string, now: () => number = Date.now): OperatorActions {
  return {
    topUp: ({ buyerId, amount, reference }) => withWriter(database, (db) => topUp(db, { buyerId, amount, reference, kind: 'deposit', reason: null }, now())),
    rotateKey: (keyId) => withWriter(database, (db) => rotate(db, keyId, now())),
    revokeKey: (keyId) => withWriter(database, (db) => revoke(db, keyId, now())),
    setBuyerDisabled: (buyerId, disabled) => withWriter(database, (db) => setDisabled(db, { buyerId, disabled, now: now() })),
  };
}

function topUp(db: Db, deposit: Deposit, now: number): ReturnType<Operator['topUp']> {
  const buyer = requireBuyer(db, deposit.buyerId);
  const outcome = makeDeposit(db, cliActor('top'), deposit, now);
  if (outcome.kind === 'created') return { ok: true, text: topupLine({ buyer, deposit }, outcome) };
  if (outcome.kind !== 'exists') throw topupRefusal({ buyer, deposit }, outcome);
  return { ok: true, text: `${buyer.name}  applied before, nothing was changed  balance ${formatUsdc(outcome.balance.balance, 2)}  ledger #${outcome.transferId}` };
}

function rotate(db: Db, keyId: KeyId, now: number): ReturnType<Operator['rotateKey']> {
  const { buyerId, buyerName } = requireKey(db, keyId);
  const rotation = { buyerId, keyId, rotationId: null, now };
  const outcome = rotateKey(db, cliActor('top'), rotation);
  // Only a rotation with an id of its own can be a repeat.
  if (outcome.kind === 'repeated') throw new Error('a rotation without an id was taken for a repeat');
  if (outcome.kind !== 'rotated') throw rotationRefusal({ name: buyerName }, rotation, outcome);
  const { key, secret } = outcome.created;
  return { ok: true, keyId: key.id, secret, masked: maskKey(key), text: `Old key ${maskKey(outcome.old)} revoked ${isoTime(now).slice(11, 19)} UTC.` };
}

function revoke(db: Db, keyId: KeyId, now: number): ReturnType<Operator['revokeKey']> {
  const key = requireKey(db, keyId);
  const words = `${key.label} of ${key.buyerName} (${formatKeyId(keyId)}, ${maskKey(key)})`;
  if (revokeKey(db, cliActor('top'), { keyId, now })) return { ok: true, text: `Revoked key ${words}.` };
  return { ok: true, text: `Key ${words} was revoked before.` };
}

function setDisabled(db: Db, wanted: BuyerSwitch): ReturnType<Operator['setBuyerDisabled']> {
  const { name } = requireBuyer(db, wanted.buyerId);
  const status = wanted.disabled ? 'disabled' : 'enabled';
  if (!setBuyerDisabled(db, cliActor('top'), wanted)) return { ok: true, text: `Buyer ${name} is ${status} already.` };
  return { ok: true, text: `${wanted.disabled ? 'Disabled' : 'Enabled'} buyer ${name}.` };
}

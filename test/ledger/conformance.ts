/** What every ledger must do, whatever its engine. Each test gets a fresh ledger with two buyers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import type { Balance, Deposit, DepositOutcome, Hold, HoldOutcome, Settlement, SettleOutcome } from '../../src/ledger/ledger.ts';
import type { Verification } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { holdOf, postOf, voidOf } from './fixtures.ts';

export interface LedgerUnderTest {
  hold(hold: Hold): Promise<HoldOutcome>;
  settle(settlement: Settlement): Promise<SettleOutcome>;
  deposit(deposit: Deposit): Promise<DepositOutcome>;
  balance(buyerId: BuyerId): Balance | null;
  /** Makes what admission remembers stale, as a revoked key does. */
  changeRegistry(): void;
  generation(): number;
  verify(): Verification;
  nextId(): RequestId;
  readonly buyers: readonly [BuyerId, BuyerId];
  close(): Promise<void>;
}

export function describeLedger(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(name, () => {
    let ledger: LedgerUnderTest;
    let acme: BuyerId;
    let other: BuyerId;

    beforeEach(async () => {
      ledger = await open();
      [acme, other] = ledger.buyers;
    });
    afterEach(async () => {
      const { firstDifference } = ledger.verify();
      await ledger.close();
      expect(firstDifference).toBeNull();
    });

    const topUp = (buyerId: BuyerId, amount: bigint, rest: Partial<Deposit> = {}) =>
      ledger.deposit({ buyerId, amount: micro(amount), kind: 'deposit', reference: null, reason: null, ...rest });
    const hold = (id: RequestId, buyerId: BuyerId, amount: bigint, rest: Partial<Hold> = {}) =>
      ledger.hold(holdOf(id, buyerId, amount, { generation: ledger.generation(), ...rest }));
    const held = (balance: bigint, held_: bigint): Balance => ({ balance: micro(balance), held: micro(held_) });

    it('reserves a hold and gives back what the charge leaves of it', async () => {
      await topUp(acme, 10_000n);
      const id = ledger.nextId();
      expect(await hold(id, acme, 6_000n)).toEqual({ kind: 'created', balance: held(10_000n, 6_000n) });
      expect(await ledger.settle(postOf(id, acme, 4_200n))).toEqual({
        kind: 'posted',
        debited: 4_200n,
        excess: 0n,
        shortfall: 0n,
        balance: held(5_800n, 0n),
      });
      expect(ledger.balance(acme)).toEqual(held(5_800n, 0n));
    });

    it('gives a voided hold back whole', async () => {
      await topUp(acme, 10_000n);
      const id = ledger.nextId();
      await hold(id, acme, 10_000n);
      expect(await ledger.settle(voidOf(id, acme))).toEqual({ kind: 'voided', balance: held(10_000n, 0n) });
    });

    it('refuses a hold beyond what is available, to the micro', async () => {
      await topUp(acme, 100n);
      await hold(ledger.nextId(), acme, 60n);
      expect(await hold(ledger.nextId(), acme, 41n)).toEqual({ kind: 'insufficientFunds', balance: held(100n, 60n) });
      expect((await hold(ledger.nextId(), acme, 40n)).kind).toBe('created');
    });

    it('admits exactly k of many simultaneous holds when there is money for k', async () => {
      await topUp(acme, 7_000n);
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => hold(ledger.nextId(), acme, 1_000n)));
      expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(7);
      expect(outcomes.filter(({ kind }) => kind === 'insufficientFunds')).toHaveLength(93);
    });

    it("never touches another buyer's money", async () => {
      await topUp(acme, 1_000n);
      expect((await hold(ledger.nextId(), other, 1n)).kind).toBe('insufficientFunds');
      expect(ledger.balance(other)).toEqual(held(0n, 0n));
    });

    it('takes what a charge costs beyond its hold from available', async () => {
      await topUp(acme, 1_000n);
      const id = ledger.nextId();
      await hold(id, acme, 100n);
      expect(await ledger.settle(postOf(id, acme, 350n))).toEqual({
        kind: 'posted',
        debited: 350n,
        excess: 250n,
        shortfall: 0n,
        balance: held(650n, 0n),
      });
    });

    it('books to shortfall what neither the hold nor available covers, and spares other holds', async () => {
      await topUp(acme, 1_000n);
      const [first, second] = [ledger.nextId(), ledger.nextId()];
      await hold(first, acme, 100n);
      await hold(second, acme, 700n);
      expect(await ledger.settle(postOf(first, acme, 1_000n))).toEqual({
        kind: 'posted',
        debited: 300n,
        excess: 200n,
        shortfall: 700n,
        balance: held(700n, 700n),
      });
      expect((await ledger.settle(postOf(second, acme, 700n))).kind).toBe('posted');
      expect(ledger.balance(acme)).toEqual(held(0n, 0n));
    });

    it('answers a repeated hold without reserving again', async () => {
      await topUp(acme, 1_000n);
      const id = ledger.nextId();
      await hold(id, acme, 600n);
      expect(await hold(id, acme, 600n)).toEqual({ kind: 'exists' });
      expect(await hold(id, acme, 601n)).toEqual({ kind: 'conflict', field: 'amount' });
      expect(await hold(id, acme, 600n, { keyId: 2 as KeyId })).toEqual({ kind: 'conflict', field: 'keyId' });
      expect(ledger.balance(acme)).toEqual(held(1_000n, 600n));
    });

    it('refuses a hold under the id of a settled request', async () => {
      await topUp(acme, 1_000n);
      const id = ledger.nextId();
      await hold(id, acme, 600n);
      await ledger.settle(postOf(id, acme, 10n));
      expect(await hold(id, acme, 600n)).toEqual({ kind: 'conflict', field: 'requestId' });
    });

    it('settles once, however often it is asked', async () => {
      await topUp(acme, 1_000n);
      const [posted, voided] = [ledger.nextId(), ledger.nextId()];
      await hold(posted, acme, 100n);
      await hold(voided, acme, 100n);
      const answers = await Promise.all([
        ledger.settle(postOf(posted, acme, 40n)),
        ledger.settle(postOf(posted, acme, 40n)),
        ledger.settle(voidOf(posted, acme)),
        ledger.settle(voidOf(voided, acme)),
        ledger.settle(postOf(voided, acme, 40n)),
      ]);
      expect(answers.map(({ kind }) => kind)).toEqual(['posted', 'alreadyPosted', 'alreadyPosted', 'voided', 'alreadyVoided']);
      expect((await ledger.settle(voidOf(posted, acme))).kind).toBe('alreadyPosted');
      expect(ledger.balance(acme)).toEqual(held(960n, 0n));
    });

    it('answers noHold for a request it never held', async () => {
      await topUp(acme, 1_000n);
      expect(await ledger.settle(postOf(ledger.nextId(), acme, 40n))).toEqual({ kind: 'noHold' });
      expect(ledger.balance(acme)).toEqual(held(1_000n, 0n));
    });

    it('takes a hold and its settlement that arrive together', async () => {
      await topUp(acme, 1_000n);
      const id = ledger.nextId();
      const [first, second, third] = await Promise.all([hold(id, acme, 100n), ledger.settle(postOf(id, acme, 40n)), hold(id, acme, 100n)]);
      expect([first.kind, second.kind, third.kind]).toEqual(['created', 'posted', 'conflict']);
    });

    it('answers stale when the registry has changed since admission, and reserves nothing', async () => {
      await topUp(acme, 1_000n);
      const before = ledger.generation();
      ledger.changeRegistry();
      expect(await hold(ledger.nextId(), acme, 100n, { generation: before })).toEqual({ kind: 'stale' });
      expect((await hold(ledger.nextId(), acme, 100n)).kind).toBe('created');
      expect(ledger.balance(acme)).toEqual(held(1_000n, 100n));
    });

    it('applies a reference once', async () => {
      const first = await topUp(acme, 500n, { reference: 'tx_1' });
      if (first.kind !== 'created') throw new Error(first.kind);
      expect(first.before).toEqual(held(0n, 0n));
      expect(await topUp(acme, 500n, { reference: 'tx_1' })).toEqual({ kind: 'exists', transferId: first.transferId, balance: held(500n, 0n) });
      expect(await topUp(acme, 501n, { reference: 'tx_1' })).toMatchObject({ kind: 'conflict', field: 'amount' });
      expect(await topUp(other, 500n, { reference: 'tx_1' })).toMatchObject({ kind: 'conflict', field: 'buyer' });
      expect(await topUp(acme, 500n, { reference: 'tx_1', kind: 'adjust', reason: 'r' })).toMatchObject({ kind: 'conflict', field: 'kind' });
      expect(ledger.balance(acme)).toEqual(held(500n, 0n));
    });

    it('takes no adjustment that would cut into what is held', async () => {
      await topUp(acme, 1_000n);
      await hold(ledger.nextId(), acme, 600n);
      const adjust = (amount: bigint) => topUp(acme, amount, { kind: 'adjust', reason: 'goodwill taken back' });
      expect(await adjust(-401n)).toEqual({ kind: 'insufficientFunds', balance: held(1_000n, 600n) });
      expect((await adjust(-400n)).kind).toBe('created');
      expect(ledger.balance(acme)).toEqual(held(600n, 600n));
    });

    it('knows no balance and takes no deposit of a buyer who does not exist', async () => {
      const nobody = 99 as BuyerId;
      expect(ledger.balance(nobody)).toBeNull();
      expect(await topUp(nobody, 1n)).toEqual({ kind: 'noBuyer' });
    });

    it('refuses amounts that are no amounts', async () => {
      const id = ledger.nextId();
      await expect(hold(id, acme, -1n)).rejects.toThrow(/outside 0 to/);
      await expect(topUp(acme, 0n)).rejects.toThrow(/outside 1 to/);
      await expect(topUp(acme, -5n)).rejects.toThrow(/adjustment/);
      await expect(topUp(acme, -5n, { kind: 'adjust' })).rejects.toThrow(/reason/);
      await expect(ledger.settle({ ...voidOf(id, acme), charge: micro(1) })).rejects.toThrow(/void charges nothing/);
    });
  });
}

/** What restoring a backup changes, seen from the database as it is now. Pure. */
import type { MicroUsdc } from '../money.ts';
import { micro } from '../money.ts';
import type { BuyerFact, DatabaseFacts, DepositFact, KeyFact, RouteFact, TokenFact } from './database-facts.ts';

export interface Identified<Fact> {
  readonly id: number;
  readonly fact: Fact;
}

export interface RestoreChanges {
  /** False: the two were never one database, as far as their rows tell. */
  readonly sameOrigin: boolean;
  readonly ledgerAt: { readonly now: number | null; readonly restored: number | null };
  /** Revoked or rotated since the backup: these would work again. */
  readonly revivedKeys: readonly Identified<KeyFact>[];
  /** Made since and live now: these would be unknown. */
  readonly lostKeys: readonly Identified<KeyFact>[];
  readonly lostDeposits: readonly DepositFact[];
  readonly lostBuyers: readonly Identified<BuyerFact>[];
  /** Disabled since: enabled again. */
  readonly enabledBuyers: readonly Identified<BuyerFact>[];
  readonly lostRoutes: readonly Identified<RouteFact>[];
  /** Deleted since: there again. */
  readonly revivedRoutes: readonly Identified<RouteFact>[];
  /** Tokens of programs that act as an operator, revoked since. */
  readonly revivedAdminTokens: readonly Identified<TokenFact>[];
  /** Buyers whose balance differs. */
  readonly balances: readonly { readonly name: string; readonly now: MicroUsdc; readonly restored: MicroUsdc | null }[];
  /** What would be forgotten: requests that ended since, and what was charged for them. */
  readonly requests: bigint;
  readonly charged: MicroUsdc;
}

export function compareFacts(now: DatabaseFacts, restored: DatabaseFacts): RestoreChanges {
  const pairs = <Fact>(a: ReadonlyMap<number, Fact>, b: ReadonlyMap<number, Fact>): { id: number; is: Fact; was: Fact | undefined }[] =>
    [...a].map(([id, is]) => ({ id, is, was: b.get(id) }));
  const only = <Fact>(rows: { id: number; is: Fact; was: Fact | undefined }[], wanted: (is: Fact, was: Fact | undefined) => boolean): Identified<Fact>[] =>
    rows.filter(({ is, was }) => wanted(is, was)).map(({ id, is }) => ({ id, fact: is }));
  const [keys, buyers, routes, tokens] = [pairs(now.keys, restored.keys), pairs(now.buyers, restored.buyers), pairs(now.routes, restored.routes), pairs(now.adminTokens, restored.adminTokens)];
  return {
    sameOrigin: haveOneOrigin(now, restored),
    ledgerAt: { now: now.ledgerAt, restored: restored.ledgerAt },
    revivedKeys: only(keys, (is, was) => is.revokedAt !== null && was?.revokedAt === null),
    lostKeys: only(keys, (is, was) => is.revokedAt === null && was === undefined),
    lostDeposits: [...now.deposits].filter(([id]) => !restored.deposits.has(id)).map(([, deposit]) => deposit),
    lostBuyers: only(buyers, (_, was) => was === undefined),
    enabledBuyers: only(buyers, (is, was) => is.disabledAt !== null && was?.disabledAt === null),
    lostRoutes: only(routes, (is, was) => is.deletedAt === null && was === undefined),
    revivedRoutes: only(routes, (is, was) => is.deletedAt !== null && was?.deletedAt === null),
    revivedAdminTokens: only(tokens, (is, was) => is.revokedAt !== null && was?.revokedAt === null),
    balances: buyers
      .filter(({ is, was }) => is.balance !== (was?.balance ?? 0n))
      .map(({ is, was }) => ({ name: is.name, now: is.balance, restored: was === undefined ? null : was.balance })),
    requests: now.requests - restored.requests,
    charged: micro(now.charged - restored.charged),
  };
}

/** The same number means the same row in a database and its backup, unless a restore came between. */
function haveOneOrigin(a: DatabaseFacts, b: DatabaseFacts): boolean {
  const agree = <Fact>(x: ReadonlyMap<number, Fact>, y: ReadonlyMap<number, Fact>, of: (fact: Fact) => unknown): boolean =>
    [...x].every(([id, fact]) => {
      const other = y.get(id);
      return other === undefined || of(fact) === of(other);
    });
  return (
    agree(a.buyers, b.buyers, ({ createdAt }) => createdAt) && agree(a.keys, b.keys, ({ digest }) => digest) && agree(a.instances, b.instances, (token) => token)
  );
}

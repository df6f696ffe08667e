/** Checks of `ainogap verify` that need every request row: they share one pass over them. */
import type { Db } from '../db/open.ts';
import { formatRequestId, type CardVersion } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { createCardCache } from './card-cache.ts';
import { PRICE_CARDS, PRICES, wrongChargeOf } from './charge-checks.ts';
import { chargedPages, type ChargedRow } from './charged-rows.ts';
import { ExpectedMinutes } from './expected-minutes.ts';
import { usageOfRequest } from './request-usage.ts';
import { PRUNED_DAYS, USAGE_AND_LEDGER, wrongBucket } from './usage-checks.ts';
import { createExpectedTables, dropExpectedTables } from './usage-tables.ts';

/** As `verifyDatabase` takes them. Each finds its first difference, or null; a damaged row may make it throw. */
interface ReportCheck {
  readonly name: string;
  readonly passed: string;
  difference(db: Db): string | null;
}

/** For one verification, in this order: the second one reads the rows, the third one uses what it has summed. */
export function reportChecks(): ReportCheck[] {
  let unsummed: string | null = 'the rows were not read to their end';
  return [
    PRICE_CARDS,
    {
      ...PRICES,
      difference(db) {
        createExpectedTables(db);
        const pass = new RowPass(db);
        for (const page of chargedPages(db)) for (const row of page) pass.row(row);
        unsummed = pass.finish();
        return pass.wrongCharge;
      },
    },
    {
      name: 'usage sums',
      passed: 'minutes, hours, days and their sums are what the request rows give',
      difference(db) {
        try {
          return unsummed ?? wrongBucket(db);
        } finally {
          dropExpectedTables(db);
        }
      },
    },
    USAGE_AND_LEDGER,
    PRUNED_DAYS,
  ];
}

class RowPass {
  wrongCharge: string | null = null;
  #unsummed: string | null = null;
  readonly #cardOf: (version: CardVersion) => PriceCard;
  readonly #minutes: ExpectedMinutes;

  constructor(db: Db) {
    this.#cardOf = createCardCache(db);
    this.#minutes = new ExpectedMinutes(db);
  }

  row(row: ChargedRow): void {
    if (this.wrongCharge === null && row.hold !== null) {
      const problem = wrongChargeOf(row, this.#cardOf);
      if (problem !== null) this.wrongCharge = `${formatRequestId(row.requestId)} ${problem}`;
    }
    // A row that no card prices has no place in the sums: it is told once, and by its charge.
    if (this.#unsummed !== null) return;
    try {
      this.#minutes.add(row.requestId, usageOfRequest(row, this.#cardOf));
    } catch (error) {
      this.#unsummed = (error as Error).message;
    }
  }

  /** Why the rows could not be summed, or null. */
  finish(): string | null {
    if (this.#unsummed === null) this.#minutes.write();
    return this.#unsummed;
  }
}

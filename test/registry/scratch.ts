/** A database of its own for each test, in a temporary folder that goes away. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openDatabase } from '../../src/db/open.ts';
import type { Db } from '../../src/db/open.ts';
import type { BuyerId, RouteAlias } from '../../src/ids.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { makeCardModels, parseMultiplier, serializeCard } from '../../src/metering/price-card.ts';
import { createBuyer } from '../../src/registry/buyers.ts';
import type { CardDraft } from '../../src/registry/cards.ts';

export interface Scratch {
  readonly folder: string;
  readonly file: string;
  readonly db: Db;
  remove(): void;
}

export function openScratch(): Scratch {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-test-'));
  const file = path.join(folder, 'test.db');
  const db = openDatabase(file, { mode: 'create' });
  return {
    folder,
    file,
    db,
    remove: () => {
      db.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const aliasOf = (text: string): RouteAlias => text as RouteAlias;

export function makeBuyer(db: Db, name: string): BuyerId {
  const outcome = createBuyer(db, name);
  if (outcome.kind !== 'created') throw new Error(`buyer ${name} exists`);
  return outcome.buyer.id;
}

/** A card of the whole price book × the multiplier. */
export function cardTimes(multiplier: string): CardDraft {
  const book = createPriceBook([]);
  const parsed = parseMultiplier(multiplier);
  if (!parsed.ok) throw new Error(parsed.reason);
  const models = makeCardModels(book.models, parsed.multiplier);
  return {
    body: serializeCard({ models, webSearchPerMillion: book.webSearchPerMillion }),
    origin: { kind: 'multiplier', multiplier, bookDate: book.date },
  };
}

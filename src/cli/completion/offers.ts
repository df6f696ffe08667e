/** What `ainogap __complete` offers: from the configuration, and from the database where it is asked for names in it. */
import { findConfigFile, loadConfig, type Config } from '../../config.ts';
import { openDatabase, type Db } from '../../db/open.ts';
import { createPriceBook } from '../../metering/price-book.ts';
import { adminsToOffer, adminTokensToOffer, buyersToOffer, keysToOffer, requestsToOffer, routesToOffer, type Offer } from '../../reports/completion-values.ts';
import type { CliContext } from '../context.ts';
import { ASKED, type Asked } from './value-source.ts';

/** Who types waits: a database that is locked for longer offers nothing. */
const BUSY_TIMEOUT_MS = 100;

const FROM_DATABASE: Partial<Record<Asked, (db: Db, prefix: string) => Offer[]>> = {
  buyers: buyersToOffer,
  admins: adminsToOffer,
  routes: routesToOffer,
  keys: keysToOffer,
  tokens: adminTokensToOffer,
  requests: requestsToOffer,
};

const plain = (values: readonly string[]): Offer[] => values.map((value) => ({ value, description: '' }));

const FROM_CONFIG: Partial<Record<Asked, (config: Config) => Offer[]>> = {
  upstreams: ({ upstreams }) => [...upstreams.values()].map(({ name, kind }) => ({ value: name, description: kind })),
  webhooks: ({ alerts }) => plain(alerts.webhooks.map(({ name }) => name)),
  models: ({ models }) => plain(createPriceBook(models).models.map(({ id }) => id)),
};

/** Lists of names with commas between them, by what they are lists of. */
const LISTS: Partial<Record<Asked, Asked>> = { 'buyer-list': 'buyers', 'model-list': 'models' };

export interface Question {
  /** One of `ASKED`; anything else is offered nothing. */
  readonly asked: string;
  /** What was typed so far. */
  readonly prefix: string;
  /** `--config`, as typed. */
  readonly config: string | undefined;
}

/** Throws what the configuration or the database throws. */
export function offersFor(ctx: CliContext, { asked, prefix, config }: Question): readonly Offer[] {
  const known = ASKED.find((one) => one === asked);
  if (known === undefined) return [];
  const list = LISTS[known];
  if (list !== undefined) return offersInList(ctx, list, { prefix, config });
  const file = findConfigFile({ flag: config, env: ctx.env, cwd: ctx.cwd });
  const loaded = file === null ? null : loadConfig(file);
  if (loaded === null || !loaded.ok) return [];
  const offers = FROM_CONFIG[known]?.(loaded.config) ?? fromDatabase(loaded.config.database, known, prefix);
  return offers.filter(({ value }) => value.toLowerCase().startsWith(prefix.toLowerCase()));
}

/** The names before the last comma stay, and are not offered again. */
function offersInList(ctx: CliContext, asked: Asked, { prefix, config }: Omit<Question, 'asked'>): readonly Offer[] {
  const start = prefix.slice(0, prefix.lastIndexOf(',') + 1);
  const given = start.split(',');
  const next = offersFor(ctx, { asked, prefix: prefix.slice(start.length), config });
  return next.filter(({ value }) => !given.includes(value)).map(({ value, description }) => ({ value: `${start}${value}`, description }));
}

function fromDatabase(file: string, asked: Asked, prefix: string): Offer[] {
  const read = FROM_DATABASE[asked];
  if (read === undefined) return [];
  const db = openDatabase(file, { mode: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    return read(db, prefix);
  } finally {
    db.close();
  }
}

/** Request rows as checks and sums need them: all of them by id, in pages that are short reads, without their names. */
import type { Db } from '../db/open.ts';
import type { BuyerId, CardVersion, KeyId, RequestId, RouteId } from '../ids.ts';
import type { RequestDetail } from '../ledger/ledger.ts';
import { micro } from '../money.ts';
import type { RequestEntry } from './requests.ts';

export type ChargedRow = Pick<
  RequestEntry,
  'requestId' | 'buyerId' | 'keyId' | 'cardVersion' | 'model' | 'responseModel' | 'status' | 'tokens' | 'charge' | 'hold' | 'shortfall' | 'listCost' | 'usageSource' | 'settledAt'
> & {
  readonly routeId: RouteId | null;
  /** Parsed when it is asked for: throws where it is no JSON. */
  readonly detail: RequestDetail | null;
};

const COLUMNS =
  'id, buyer_id, key_id, route_id, card_version, model, response_model, status, input_tokens, output_tokens, cache_write_5m_tokens, ' +
  'cache_write_1h_tokens, cache_read_tokens, charge, hold, shortfall, list_cost, usage_source, settled_at, detail';

type Big = bigint;
type Values = readonly [
  ...ids: [Big, Big, Big, Big | null, Big | null],
  ...words: [string | null, string | null, string],
  ...tokens: [Big, Big, Big, Big, Big],
  ...money: [Big, Big | null, Big, Big | null],
  source: string,
  at: Big,
  detail: string | null,
];

const orNull = (value: bigint | null): number | null => (value === null ? null : Number(value));

class Charged implements ChargedRow {
  readonly #values: Values;
  readonly requestId: RequestId;
  readonly buyerId: BuyerId;
  readonly keyId: KeyId;
  readonly routeId: RouteId | null;
  readonly cardVersion: CardVersion | null;
  readonly model: string | null;
  readonly responseModel: string | null;
  readonly status: ChargedRow['status'];
  readonly tokens: ChargedRow['tokens'];
  readonly charge: ChargedRow['charge'];
  readonly hold: ChargedRow['hold'];
  readonly shortfall: ChargedRow['shortfall'];
  readonly listCost: ChargedRow['listCost'];
  readonly usageSource: ChargedRow['usageSource'];
  readonly settledAt: number;

  constructor(values: Values) {
    const [id, buyer, key, route, card, model, responseModel, status, input, output, short, long, read, charge, hold, shortfall, listCost, source, at] = values;
    this.#values = values;
    this.requestId = id as RequestId;
    this.buyerId = Number(buyer) as BuyerId;
    this.keyId = Number(key) as KeyId;
    this.routeId = orNull(route) as RouteId | null;
    this.cardVersion = orNull(card) as CardVersion | null;
    this.model = model;
    this.responseModel = responseModel;
    this.status = status as ChargedRow['status'];
    this.tokens = { input: Number(input), output: Number(output), cacheWrite5m: Number(short), cacheWrite1h: Number(long), cacheRead: Number(read) };
    this.charge = micro(charge);
    this.hold = hold === null ? null : micro(hold);
    this.shortfall = micro(shortfall);
    this.listCost = listCost === null ? null : micro(listCost);
    this.usageSource = source as ChargedRow['usageSource'];
    this.settledAt = Number(at);
  }

  get detail(): RequestDetail | null {
    const text = this.#values[19];
    return text === null ? null : (JSON.parse(text) as RequestDetail);
  }
}

const PAGE = 2_000;

/** Every request row by id. A page is read at once, so that nothing is open while the caller works on it. */
export function* chargedPages(db: Db): Generator<readonly ChargedRow[]> {
  const statement = db.prepare(`SELECT ${COLUMNS} FROM requests WHERE id > ? ORDER BY id LIMIT ${PAGE}`).raw().safeIntegers();
  let after = -1n;
  for (;;) {
    const page = (statement.all(after) as unknown as Values[]).map((values) => new Charged(values));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.requestId;
    if (page.length < PAGE) return;
  }
}

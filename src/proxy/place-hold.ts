/** Quote and hold: the worst case is on disk before the request goes upstream, or the request is refused in words. */
import { GatewayError } from '../errors.ts';
import type { RequestId } from '../ids.ts';
import { availableOf, type Balance, type Hold } from '../ledger/ledger.ts';
import type { PricedModel } from '../metering/price-card.ts';
import { quote, quoteFromCount, type Quote } from '../metering/quote.ts';
import { countTokensBody } from '../metering/request.ts';
import type { RequestFacts } from '../metering/request-facts.ts';
import { formatUsdc } from '../money.ts';
import type { Admission } from '../registry/registry.ts';
import { admitted } from './admit.ts';
import { ClientGone } from './body.ts';
import type { Deps, Settings, UpstreamEntry } from './deps.ts';

export interface HoldRequest {
  readonly requestId: RequestId;
  readonly startedAt: number;
  readonly digest: string;
  readonly alias: string;
  readonly admission: Admission;
  readonly facts: RequestFacts;
  readonly body: Buffer;
  /** Allow-listed headers, for a probe. */
  readonly headers: Record<string, string>;
  readonly settings: Settings;
  /** True when the client has left. */
  readonly abandoned: () => boolean;
}

/** A hold that is on disk, with what it was made under: the price that the request is charged at, whatever changes later. */
export interface PlacedHold {
  readonly admission: Admission;
  readonly model: PricedModel;
  readonly quote: Quote;
  readonly entry: UpstreamEntry;
  /** How long it waited for money that the buyer's other holds kept, in whole milliseconds; 0: not at all. */
  readonly waitedMs: number;
  /** How long the ledger took until the hold was on disk, in milliseconds. */
  readonly holdMs: number;
}

/** Errors: `model_not_offered`, `insufficient_funds`, `hold_timeout`, `ledger_unavailable`, 401 and 404 after a change; or `ClientGone`. */
export function placeHold(deps: Deps, request: HoldRequest): Promise<PlacedHold> {
  return new Placement(deps, request).place();
}

class Placement {
  #deps: Deps;
  #request: HoldRequest;
  #admission: Admission;
  #model: PricedModel;
  #entry: UpstreamEntry;
  #quote: Quote;
  #counted: number | null = null;
  #probed = false;

  constructor(deps: Deps, request: HoldRequest) {
    this.#deps = deps;
    this.#request = request;
    this.#admission = request.admission;
    this.#model = modelOf(request.admission, request.facts.model);
    this.#entry = entryOf(request.admission, request.settings);
    this.#quote = this.#quoteNow();
  }

  async place(): Promise<PlacedHold> {
    const buyer = this.#admission.buyerId;
    const { funds } = this.#deps;
    // Whoever waits already goes first.
    const placed = funds.isWaiting(buyer) ? null : await this.#attempt();
    if (placed) return placed;
    const waitedSince = performance.now();
    const later = await funds.wait({
      buyer,
      waitMs: this.#request.settings.holdWaitMs,
      attempt: () => this.#attempt(),
      abandoned: this.#request.abandoned,
    });
    if (later) return { ...later, waitedMs: Math.round(performance.now() - waitedSince) };
    if (this.#request.abandoned()) throw new ClientGone();
    throw new GatewayError(
      'hold_timeout',
      `The balance is held by this buyer's other requests; ${this.#amount()} USDC did not become available in time. Try again, or lower max_tokens.`,
      { retryAfterSeconds: 1 },
    );
  }

  /** One try, repeated at once when the registry has changed. Null: wait for the buyer's own holds to end. */
  async #attempt(): Promise<PlacedHold | null> {
    for (;;) {
      const begun = performance.now();
      const outcome = await this.#deps.ledger.hold(this.#hold());
      switch (outcome.kind) {
        case 'created':
          return { admission: this.#admission, model: this.#model, quote: this.#quote, entry: this.#entry, waitedMs: 0, holdMs: performance.now() - begun };
        case 'stale':
          this.#readmit();
          continue;
        case 'insufficientFunds':
          if (this.#quote.amount <= outcome.balance.balance) return null;
          if (await this.#tighten(outcome.balance)) continue;
          throw this.#refusal(outcome.balance);
        case 'unavailable':
          throw new GatewayError('ledger_unavailable', `The ledger cannot take the request now (${outcome.reason}); nothing was forwarded or charged.`, {
            retryAfterSeconds: 2,
          });
        default:
          // Ids are minted here and never repeat: a hold that exists already is a bug, and a broken invariant.
          throw new Error(`hold ${this.#request.requestId} answered ${outcome.kind}`);
      }
    }
  }

  #readmit(): void {
    this.#admission = admitted(this.#deps.admitter.read(this.#request.digest, this.#request.alias));
    this.#model = modelOf(this.#admission, this.#request.facts.model);
    this.#entry = entryOf(this.#admission, this.#request.settings);
    this.#quote = this.#quoteNow();
  }

  /** Replaces a bound by bytes with the upstream's own count, where that could make the request fit. */
  async #tighten(balance: Balance): Promise<boolean> {
    if (this.#probed || this.#quote.basis === 'count_tokens' || this.#quote.outputAndFees > balance.balance) return false;
    this.#probed = true;
    this.#counted = await this.#deps.probes.count({
      buyer: this.#admission.buyerId,
      entry: this.#entry,
      headers: this.#request.headers,
      body: countTokensBody(this.#request.body, this.#request.facts),
    });
    if (this.#counted === null) return false;
    const before = this.#quote.amount;
    this.#quote = this.#quoteNow();
    return this.#quote.amount < before;
  }

  #quoteNow(): Quote {
    const { facts } = this.#request;
    const { card, holdOutputTokens } = this.#admission.route;
    const inputs = { facts, model: this.#model, card, holdOutputTokens };
    return this.#counted === null ? quote(inputs) : quoteFromCount(inputs, this.#counted);
  }

  #hold(): Hold {
    const { requestId, startedAt } = this.#request;
    const { keyId, buyerId, generation, route } = this.#admission;
    return {
      requestId,
      buyerId,
      keyId,
      routeId: route.id,
      cardVersion: route.card.version,
      generation,
      model: this.#model.id,
      amount: this.#quote.amount,
      worstCase: this.#quote.worstCase,
      quoteBasis: this.#quote.basis,
      outputTokensMax: this.#quote.outputTokensMax,
      upstream: route.upstream,
      startedAt,
    };
  }

  #refusal(balance: Balance): GatewayError {
    const available = availableOf(balance);
    const missing = formatUsdc(this.#quote.amount - balance.balance);
    const fitting = this.#quote.maxTokensFitting(balance.balance);
    const lower = fitting === null ? '' : `, or lower max_tokens to ${fitting} or less`;
    const held = balance.held > 0n ? ` (${formatUsdc(balance.held)} more is held by running requests)` : '';
    return new GatewayError(
      'insufficient_funds',
      `This request needs a hold of ${this.#amount()} USDC; ${formatUsdc(available)} USDC is available${held}. Top up ${missing} USDC or more${lower}.`,
    );
  }

  #amount(): string {
    return formatUsdc(this.#quote.amount);
  }
}

export function modelOf(admission: Admission, name: string): PricedModel {
  const model = admission.route.card.byName.get(name);
  if (model) return model;
  throw new GatewayError('model_not_offered', notOffered(admission, name));
}

export function notOffered(admission: Admission, name: string): string {
  const offered = admission.route.card.models.map((m) => m.id).join(', ');
  return `model: ${JSON.stringify(name.slice(0, 100))} is not offered on this route. It has: ${offered}.`;
}

export function entryOf(admission: Admission, settings: Settings): UpstreamEntry {
  const entry = settings.upstreams.get(admission.route.upstream);
  if (entry) return entry;
  throw new GatewayError('upstream_unreachable', 'This route names an upstream that is not configured. The operator has to mend it; nothing was charged.');
}

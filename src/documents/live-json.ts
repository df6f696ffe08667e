/**
 * The live view as one JSON document. Times are ISO 8601 in UTC, ids text, money integers named `…UsdMicros`, durations
 * milliseconds, shares 0 to 1. What is told by token class is an object of `input`, `output`, `cacheWrite5m`,
 * `cacheWrite1h` and `cacheRead`.
 *
 *     { at, timezone, serving, overview, buyers[], routes[], keys[], liveRequests: { …, open[], ended[] }, upstreams[], alerts[] }
 *
 * Usage (`lastMinute`, `lastHour`, `today`) is as everywhere: `requests`, `errors`, `refused`, `estimated`, `tokens`, and
 * `chargeUsdMicros` with its parts. `overview.tokenSeries` has tokens per second in 60 cells of 5 seconds, oldest first;
 * `buyers[].chargeSeriesUsdMicros` the charge of each of the last 60 minutes, the running one last.
 */
import { formatBuyerId, formatCardVersion, formatKeyId, formatRequestId } from '../ids.ts';
import type { CardVersion } from '../ids.ts';
import { jsonMicros, type MicroUsdc } from '../money.ts';
import type { LiveBuyer, LiveKey, LiveOverview, LiveRequest, LiveRequests, LiveRoute, LiveSnapshot, LiveUpstream, PerClass } from '../reports/live/snapshot.ts';
import { SERIES_CELL_MS } from '../reports/live/snapshot.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import { isoTime } from './iso-time.ts';

type Json = Record<string, unknown>;

const orNull = <T>(value: T | null, shown: (value: T) => unknown): unknown => (value === null ? null : shown(value));
const rounded = (value: number): number => Math.round(value * 1_000_000) / 1_000_000;

function perClass<T>(values: PerClass<T>, shown: (value: T) => unknown): Json {
  return Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, shown(values[tokenClass])]));
}

export function liveJson(snapshot: LiveSnapshot): Json {
  return {
    at: isoTime(snapshot.at),
    timezone: snapshot.timezone,
    serving: snapshot.serving,
    overview: overviewJson(snapshot.overview),
    buyers: snapshot.buyers.map(buyerJson),
    routes: snapshot.routes.map(routeJson),
    keys: snapshot.keys.map(keyJson),
    liveRequests: requestsJson(snapshot.requests),
    upstreams: snapshot.upstreams.map(upstreamJson),
    alerts: snapshot.alerts.map((alert) => ({ ...alert, firedAt: isoTime(alert.firedAt), clearedAt: orNull(alert.clearedAt, isoTime) })),
  };
}

function usageJson(sums: UsageSums): Json {
  return {
    requests: sums.requests,
    errors: sums.errors,
    refused: sums.refused,
    estimated: sums.estimated,
    tokens: perClass(sums.tokens, (count) => count),
    chargeUsdMicros: jsonMicros(sums.charge),
    chargeByClassUsdMicros: perClass(sums.chargeByClass, jsonMicros),
    webSearchChargeUsdMicros: jsonMicros(sums.webSearchCharge),
    shortfallUsdMicros: jsonMicros(sums.shortfall),
    listCostUsdMicros: jsonMicros(sums.listCost),
    cacheSavedUsdMicros: jsonMicros(sums.cacheSaved),
  };
}

function overviewJson(overview: LiveOverview): Json {
  return {
    requestsPerSecond: rounded(overview.requestsPerSecond),
    tokensPerSecond: perClass(overview.tokensPerSecond, rounded),
    chargePerMinuteUsdMicros: perClass(overview.chargePerMinute, jsonMicros),
    lastMinute: usageJson(overview.lastMinute),
    today: usageJson(overview.today),
    timeToFirstByteP50Ms: overview.timeToFirstByteP50Ms,
    timeToFirstByteP95Ms: overview.timeToFirstByteP95Ms,
    unreadWrites: { tokens: overview.unreadWrites.tokens, chargeUsdMicros: jsonMicros(overview.unreadWrites.charge) },
    tokenSeries: { cellMs: SERIES_CELL_MS, tokensPerSecond: perClass(overview.tokenSeries, (cells) => cells.map(rounded)) },
  };
}

function buyerJson(buyer: LiveBuyer): Json {
  return {
    buyerId: formatBuyerId(buyer.buyerId),
    name: buyer.name,
    disabled: buyer.disabled,
    balanceUsdMicros: jsonMicros(buyer.balance),
    heldUsdMicros: jsonMicros(buyer.held),
    availableUsdMicros: jsonMicros(buyer.available),
    burnPerHourUsdMicros: jsonMicros(buyer.burnPerHour),
    emptyInMinutes: buyer.emptyInMinutes,
    keys: buyer.keys,
    today: usageJson(buyer.today),
    chargeSeriesUsdMicros: buyer.chargeSeries.map(jsonMicros),
  };
}

function routeJson(route: LiveRoute): Json {
  return {
    route: route.alias,
    deleted: route.deleted,
    model: route.model,
    upstream: route.upstream,
    priceCard: formatCardVersion(route.cardVersion as CardVersion),
    lastHour: usageJson(route.lastHour),
    today: usageJson(route.today),
  };
}

function keyJson(key: LiveKey): Json {
  return {
    keyId: formatKeyId(key.keyId),
    buyerId: formatBuyerId(key.buyerId),
    buyer: key.buyerName,
    label: key.label,
    masked: key.masked,
    createdAt: isoTime(key.createdAt),
    revokedAt: orNull(key.revokedAt, isoTime),
    lastUsedAt: orNull(key.lastUsedAt, isoTime),
    burnPerHourUsdMicros: jsonMicros(key.burnPerHour),
    today: usageJson(key.today),
  };
}

function requestsJson(requests: LiveRequests): Json {
  return {
    openCount: requests.openCount,
    heldUsdMicros: jsonMicros(requests.held),
    chargedSoFarUsdMicros: jsonMicros(requests.chargedSoFar),
    open: requests.open.map(requestJson),
    ended: requests.ended.map(requestJson),
  };
}

function requestJson(request: LiveRequest): Json {
  const money = (amount: MicroUsdc | null): unknown => orNull(amount, jsonMicros);
  return {
    requestId: formatRequestId(request.requestId),
    state: request.state,
    failed: request.failed,
    ageMs: request.ageMs,
    buyer: request.buyerName,
    keyId: formatKeyId(request.keyId),
    route: request.route,
    model: request.model,
    tokens: orNull(request.tokens, (tokens) => perClass(tokens, (count) => count)),
    chargeUsdMicros: money(request.charge),
    heldUsdMicros: money(request.held),
  };
}

function upstreamJson(upstream: LiveUpstream): Json {
  return {
    upstream: upstream.name,
    health: upstream.health,
    requestsPerMinute: rounded(upstream.requestsPerMinute),
    errorShare: rounded(upstream.errorShare),
    retriedShare: rounded(upstream.retriedShare),
    timeToFirstByteP50Ms: upstream.timeToFirstByteP50Ms,
    timeToFirstByteP95Ms: upstream.timeToFirstByteP95Ms,
    openRequests: upstream.openRequests,
    lastError: orNull(upstream.lastError, ({ at, code }) => ({ at: isoTime(at), code })),
    routes: upstream.routes,
  };
}

/** `GET /admin/events`: `event: snapshot`, whose data is what `ainogap top --json` prints; `event: signed-out` ends it. */
import { z } from '@hono/zod-openapi';
import { count, perClass, share, time, usdMicros } from './parts.ts';

const usage = z.object({
  requests: count,
  errors: count,
  refused: count,
  estimated: count,
  tokens: perClass(count),
  chargeUsdMicros: usdMicros,
  chargeByClassUsdMicros: perClass(usdMicros),
  webSearchChargeUsdMicros: usdMicros,
  shortfallUsdMicros: usdMicros,
  listCostUsdMicros: usdMicros,
  cacheSavedUsdMicros: usdMicros,
});
const request = z.object({
  requestId: z.string(),
  state: z.string(),
  failed: z.boolean(),
  ageMs: z.number(),
  buyer: z.string(),
  keyId: z.string(),
  route: z.string().nullable(),
  model: z.string().nullable(),
  tokens: perClass(count).nullable(),
  chargeUsdMicros: usdMicros.nullable(),
  heldUsdMicros: usdMicros.nullable(),
});

export const snapshot = z
  .object({
    at: time,
    timezone: z.string(),
    serving: z.unknown(),
    overview: z.object({
      requestsPerSecond: z.number(),
      tokensPerSecond: perClass(z.number()),
      chargePerMinuteUsdMicros: perClass(usdMicros),
      lastMinute: usage,
      today: usage,
      timeToFirstByteP50Ms: z.number().nullable(),
      timeToFirstByteP95Ms: z.number().nullable(),
      unreadWrites: z.object({ tokens: count, chargeUsdMicros: usdMicros }),
      tokenSeries: z.object({ cellMs: z.int(), tokensPerSecond: perClass(z.array(z.number())) }),
    }),
    buyers: z.array(
      z.object({
        buyerId: z.string(),
        name: z.string(),
        disabled: z.boolean(),
        balanceUsdMicros: usdMicros,
        heldUsdMicros: usdMicros,
        availableUsdMicros: usdMicros,
        burnPerHourUsdMicros: usdMicros,
        emptyInMinutes: z.int().nullable(),
        keys: count,
        today: usage,
        chargeSeriesUsdMicros: z.array(usdMicros),
      }),
    ),
    routes: z.array(z.object({ route: z.string(), deleted: z.boolean(), model: z.string().nullable(), upstream: z.string(), priceCard: z.string(), lastHour: usage, today: usage })),
    keys: z.array(
      z.object({ keyId: z.string(), buyerId: z.string(), buyer: z.string(), label: z.string(), masked: z.string(), createdAt: time, revokedAt: time.nullable(), lastUsedAt: time.nullable(), burnPerHourUsdMicros: usdMicros, today: usage }),
    ),
    liveRequests: z.object({ openCount: count, heldUsdMicros: usdMicros, chargedSoFarUsdMicros: usdMicros, open: z.array(request), ended: z.array(request) }),
    upstreams: z.array(
      z.object({
        upstream: z.string(),
        health: z.string(),
        requestsPerMinute: z.number(),
        errorShare: share,
        retriedShare: share,
        timeToFirstByteP50Ms: z.number().nullable(),
        timeToFirstByteP95Ms: z.number().nullable(),
        openRequests: count,
        lastError: z.object({ at: time, code: z.string() }).nullable(),
        routes: z.array(z.string()),
      }),
    ),
    alerts: z.array(z.object({ firedAt: time, clearedAt: time.nullable() }).loose()),
  })
  .openapi('Snapshot');
export type Snapshot = z.output<typeof snapshot>;

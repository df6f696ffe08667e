/** What a buyer sees of itself. */
import { z } from '@hono/zod-openapi';
import { alias, buyerId, count, keyId, perClass, time, usdMicros } from './parts.ts';
import { security } from './sign-in.ts';
import { requestSummary, usageTotals } from './usage.ts';

export const balance = z
  .object({
    balanceUsdMicros: usdMicros.openapi({ description: 'Posted.' }),
    heldUsdMicros: usdMicros.openapi({ description: 'Reserved by requests that run.' }),
    availableUsdMicros: usdMicros.openapi({ description: 'Balance less held.' }),
    burnPerHourUsdMicros: usdMicros.openapi({ description: 'Charged in the last 60 minutes.' }),
    emptyInMinutes: z.int().nullable().openapi({ description: 'Available ÷ burn; null when nothing burns.' }),
  })
  .openapi('Balance');

export const me = z
  .object({
    buyerId,
    name: z.string(),
    disabled: z.boolean(),
    balance,
    timezone: z.string(),
    /** Where its requests go: `https://gateway.example.com`, without a route. */
    baseUrl: z.string(),
    /** The operator's own words; empty where there are none. */
    topUpInstructions: z.string(),
    security,
  })
  .openapi('Buyer');

export const key = z
  .object({
    keyId,
    label: z.string(),
    key: z.string().openapi({ description: 'Masked: rk_…9f3a.' }),
    status: z.enum(['live', 'revoked']),
    createdAt: time,
    revokedAt: time.nullable(),
    replacedBy: keyId.nullable(),
    lastUsedAt: time.nullable(),
  })
  .openapi('Key');
export const createKeyBody = z.strictObject({ label: z.string().min(1).max(64).default('default') });
/** `routeApiKey` is shown once: null when the same Idempotency-Key comes again. */
export const createdKey = z.object({ buyerId, keyId, label: z.string(), routeApiKey: z.string().nullable() }).openapi('CreatedKey');
export const rotateBody = z.strictObject({ keyId: keyId.optional().openapi({ description: 'Which key; needed when there are several.' }) });
export const rotatedKey = z
  .object({
    buyerId,
    routeApiKey: z.string().nullable().openapi({ description: 'The new key, shown once; null when the same Idempotency-Key comes again.' }),
    keyId,
    label: z.string(),
    oldKeyId: keyId,
    oldKeyRevokedAt: time,
  })
  .openapi('RotatedKey');

export const routeModel = z.object({
  model: z.string(),
  aliases: z.array(z.string()),
  contextWindow: count,
  maxOutput: count,
  geoPremium: z.boolean(),
  pricesPerMillionUsdMicros: perClass(z.int()),
});
export const buyerRoute = z
  .object({ alias, url: z.string().openapi({ example: 'http://127.0.0.1:8787/claude-fast' }), priceCard: z.string(), webSearchPerMillionUsdMicros: z.int(), models: z.array(routeModel) })
  .openapi('Route');

/** `POST /buyer/try` answers with the upstream's own events, then one `event: ainogap.bill`. */
export const tryBody = z.strictObject({ route: alias, model: z.string().min(1).max(128), prompt: z.string().min(1).max(2000) });
/** The data of `ainogap.bill`. */
export const tryBill = z.object({ requestId: z.string(), request: requestSummary.nullable() });

/** `GET /buyer/events`: `event: balance`, `event: usage`, `event: request` (one that ended), `event: signed-out`. */
export const balanceEvent = balance;
export const usageEvent = z.object({ today: usageTotals, lastHour: usageTotals });

export type Balance = z.output<typeof balance>;
export type Me = z.output<typeof me>;
export type Key = z.output<typeof key>;
export type CreatedKey = z.output<typeof createdKey>;
export type RotatedKey = z.output<typeof rotatedKey>;
export type BuyerRoute = z.output<typeof buyerRoute>;
export type UsageEvent = z.output<typeof usageEvent>;
export type TryBill = z.output<typeof tryBill>;

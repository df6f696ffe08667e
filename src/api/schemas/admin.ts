/** What an operator sees and does: all that the commands do. */
import { z } from '@hono/zod-openapi';
import { balance, key } from './buyer.ts';
import { alias, buyerId, count, keyId, page, perClass, requestId, share, time, usdMicros, window } from './parts.ts';
import { security } from './sign-in.ts';
import { requestDetail, requestQuery, requestSummary, usageRow, usageTotals } from './usage.ts';

export const adminMe = z.object({ name: z.string(), via: z.enum(['console', 'token']), timezone: z.string(), baseUrl: z.string(), version: z.string(), security: security.nullable() }).openapi('Admin');

/** Names of buyers, keys and the like: visible characters, no surrounding spaces. */
export const buyerName = z.string().min(1).max(64);
export const createBuyerBody = z.strictObject({ name: buyerName });
export const adminBuyer = z
  .object({
    buyerId,
    name: z.string(),
    status: z.enum(['enabled', 'disabled']),
    createdAt: time,
    disabledAt: time.nullable(),
    balance,
    liveKeys: count,
    /** `none`: never invited. `invited`: no password yet. */
    signIn: z.enum(['none', 'invited', 'active']),
    lastSignInAt: time.nullable(),
    today: usageTotals,
  })
  .openapi('AdminBuyer');

export const inviteBody = z.strictObject({ reset: z.boolean().default(false).openapi({ description: 'Also replaces a lost password and the second factors, and ends all sessions.' }) });
/** `url` holds the one-time token: shown once, null when the same Idempotency-Key comes again. */
export const createdInvite = z.object({ name: z.string(), url: z.string().nullable(), expiresAt: time, reset: z.boolean() }).openapi('CreatedInvite');

const reference = z.string().min(1).max(200).nullable().default(null).openapi({ description: 'Applies once: a reference seen before changes nothing.' });
export const topUpBody = z.strictObject({ amountUsdMicros: usdMicros.min(1), reference });
export const adjustmentBody = z.strictObject({ amountUsdMicros: usdMicros, reason: z.string().min(1).max(200), reference });
export const deposited = z
  .object({
    buyerId,
    name: z.string(),
    applied: z.boolean().openapi({ description: 'False: this reference was applied before, and nothing was changed.' }),
    kind: z.enum(['deposit', 'adjust']),
    amountUsdMicros: usdMicros,
    balanceBeforeUsdMicros: usdMicros,
    balanceUsdMicros: usdMicros,
    heldUsdMicros: usdMicros,
    availableUsdMicros: usdMicros,
    transferId: z.string(),
    reference: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('Deposit');

export const transferQuery = z.object({ ...page, buyerId: buyerId.optional(), kind: z.enum(['deposit', 'adjust', 'post', 'void', 'excess', 'shortfall']).optional() });
/** A row of the ledger. `post` and `void` end the hold of the request whose id they have. */
export const transfer = z
  .object({
    transferId: z.string(),
    kind: z.string(),
    at: time,
    debit: z.string().openapi({ description: 'An account: a buyer id, funding, revenue or shortfall.' }),
    credit: z.string(),
    buyer: z.string().nullable(),
    amountUsdMicros: usdMicros,
    holdUsdMicros: usdMicros.nullable(),
    requestId: requestId.nullable(),
    reference: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('Transfer');
export const books = z
  .object({ fundingUsdMicros: usdMicros, revenueUsdMicros: usdMicros, shortfallUsdMicros: usdMicros, balancesUsdMicros: usdMicros, heldUsdMicros: usdMicros })
  .openapi('Books');
export const verification = z
  .object({
    state: z.enum(['never', 'running', 'passed', 'failed']),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    firstDifference: z.string().nullable(),
    recoverable: count,
    requests: count,
    transfers: count,
  })
  .openapi('Verification');

export const adminKey = key.extend({ buyerId, buyer: z.string() }).openapi('AdminKey');
export const keyQuery = z.object({ buyerId: buyerId.optional(), status: z.enum(['live', 'revoked']).optional() });

const prices = perClass(z.int());
export const adminRouteModel = z.object({
  model: z.string(),
  aliases: z.array(z.string()),
  contextWindow: count,
  maxOutput: count,
  geoPremium: z.boolean(),
  pricesPerMillionUsdMicros: prices,
  /** Of the price book now; null for a model that has left it. */
  listPerMillionUsdMicros: prices.nullable(),
  /** (price − list) ÷ price, for each class. */
  margin: perClass(share.nullable()).nullable(),
});
export const cardOrigin = z.union([
  z.object({ kind: z.literal('multiplier'), multiplier: z.string(), bookDate: z.string() }),
  z.object({ kind: z.literal('file'), file: z.string() }),
]);
export const priceCard = z
  .object({ priceCard: z.string(), createdAt: time, inForce: z.boolean(), origin: cardOrigin, webSearchPerMillionUsdMicros: z.int(), listWebSearchPerMillionUsdMicros: z.int(), models: z.array(adminRouteModel) })
  .openapi('PriceCard');
export const adminRoute = z
  .object({
    alias,
    routeId: z.string(),
    upstream: z.string(),
    upstreamConfigured: z.boolean(),
    buyers: z.array(z.object({ buyerId, name: z.string() })).nullable().openapi({ description: 'Null: open to all.' }),
    holdOutputTokens: z.int().nullable(),
    createdAt: time,
    card: priceCard,
    lastHour: usageTotals,
    today: usageTotals,
  })
  .openapi('AdminRoute');

/** Explicit prices: a model of the price book, or whole as the configuration would have it. */
const explicitModel = z.strictObject({ model: z.string().max(128), pricesPerMillionUsdMicros: perClass(z.int().min(0)) });
export const routeBody = z.strictObject({
  alias: z.string().min(1).max(64),
  upstream: z.string().min(1).max(64),
  multiplier: z.string().max(20).optional().openapi({ description: 'A decimal such as 1.25, on the list prices. Default 1.' }),
  models: z.array(z.string().max(128)).min(1).optional().openapi({ description: 'Names from the price book. Default: all.' }),
  prices: z.array(explicitModel).min(1).optional().openapi({ description: 'Explicit prices instead of a multiplier and models.' }),
  webSearchPerMillionUsdMicros: z.int().min(0).optional().openapi({ description: 'With explicit prices. Default: the list price.' }),
  buyers: z.array(buyerId).min(1).nullable().default(null),
  holdOutputTokens: z.int().min(1).nullable().default(null),
});
/** What is absent stays. `sync` adds the models that are new in the price book. `preview` changes nothing and shows the card. */
export const routeChangeBody = z.strictObject({
  upstream: z.string().min(1).max(64).optional(),
  multiplier: z.string().max(20).optional(),
  models: z.array(z.string().max(128)).min(1).optional(),
  prices: z.array(explicitModel).min(1).optional(),
  webSearchPerMillionUsdMicros: z.int().min(0).optional(),
  sync: z.boolean().default(false),
  buyers: z.array(buyerId).min(1).nullable().optional(),
  holdOutputTokens: z.int().min(1).nullable().optional(),
  preview: z.boolean().default(false),
});
export const changedRoute = z.object({ changed: z.boolean(), before: adminRoute, after: adminRoute, belowList: z.array(z.string()) }).openapi('ChangedRoute');
export const priceBook = z
  .object({ date: z.string(), webSearchPerMillionUsdMicros: z.int(), models: z.array(adminRouteModel.pick({ model: true, aliases: true, contextWindow: true, maxOutput: true, geoPremium: true, pricesPerMillionUsdMicros: true })) })
  .openapi('PriceBook');

const operatorFields = { listCostUsdMicros: usdMicros, marginUsdMicros: usdMicros, margin: share.nullable() };
export const adminUsageTotals = usageTotals.extend(operatorFields).openapi('AdminUsageTotals');
export const adminUsageRow = usageRow.extend({ ...operatorFields, buyer: z.string().nullable() }).openapi('AdminUsageRow');
export const adminUsageQuery = z.object({ by: z.enum(['buyer', 'key', 'route', 'model', 'day', 'hour']).default('day'), ...window, buyerId: buyerId.optional() });
export const adminUsageReport = z
  .object({ by: z.string(), since: time, until: time, timezone: z.string(), running: z.boolean(), rows: z.array(adminUsageRow), total: adminUsageTotals, unreadWrites: z.object({ tokens: count, chargeUsdMicros: usdMicros }) })
  .openapi('AdminUsageReport');

export const adminRequestQuery = requestQuery.extend({ buyerId: buyerId.optional(), upstream: z.string().max(64).optional() });
const operatorRequest = { buyer: z.string(), upstream: z.string().nullable(), upstreamRequestId: z.string().nullable(), attempts: z.int(), shortfallUsdMicros: usdMicros, listCostUsdMicros: usdMicros.nullable() };
export const adminRequest = requestSummary.extend(operatorRequest).openapi('AdminRequest');
export const adminRequestDetail = requestDetail
  .extend({ request: adminRequest, tries: z.array(z.record(z.string(), z.unknown())).nullable(), transfers: z.array(z.object({ transferId: z.string(), kind: z.string(), amountUsdMicros: usdMicros, at: time })) })
  .openapi('AdminRequestDetail');

export const adminUpstream = z
  .object({
    upstream: z.string(),
    kind: z.string().nullable().openapi({ description: 'Null: no longer configured.' }),
    address: z.string().nullable(),
    credential: z.string().nullable().openapi({ description: 'Where it is, such as env:ANTHROPIC_API_KEY; never the credential.' }),
    health: z.string(),
    requestsPerMinute: z.number(),
    errorShare: share,
    retriedShare: share,
    timeToFirstByteP50Ms: z.number().nullable(),
    timeToFirstByteP95Ms: z.number().nullable(),
    openRequests: count,
    lastError: z.object({ at: time, code: z.string() }).nullable(),
    routes: z.array(z.string()),
  })
  .openapi('Upstream');

export const alertQuery = z.object({ all: z.enum(['true', 'false']).default('false'), limit: page.limit });
export const alert = z
  .object({
    alertId: z.string(),
    rule: z.string(),
    subject: z.string(),
    subjectName: z.string(),
    message: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number()])),
    firing: z.boolean(),
    firedAt: time,
    clearedAt: time.nullable(),
    calls: z.array(z.object({ deliveryId: z.string(), webhook: z.string(), event: z.string(), state: z.enum(['delivered', 'waiting', 'given_up']), attempts: count, at: time, lastError: z.string().nullable() })),
  })
  .openapi('Alert');
export const alertRule = z.object({ name: z.string(), when: z.string(), words: z.string(), firing: count }).openapi('AlertRule');

export const auditQuery = z.object({ ...page, ...window, actor: z.string().max(64).optional(), action: z.string().max(64).optional(), subject: z.string().max(128).optional(), buyerId: buyerId.optional() });
export const auditEntry = z
  .object({
    auditId: z.string().openapi({ example: 'audit_91' }),
    at: time,
    actorKind: z.enum(['admin', 'buyer', 'cli', 'system']),
    actor: z.string(),
    via: z.string(),
    address: z.string().nullable(),
    action: z.string(),
    subject: z.string(),
    subjectName: z.string().nullable().openapi({ description: 'What the subject is called now: a buyer, or a key and its buyer.' }),
    buyerId: buyerId.nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('AuditEntry');

export const adminAccount = z
  .object({ adminId: z.string().openapi({ example: 'admin_1' }), name: z.string(), status: z.enum(['invited', 'active', 'disabled']), totp: z.boolean(), passkeys: count, createdAt: time, lastSignInAt: time.nullable() })
  .openapi('AdminAccount');
export const inviteAdminBody = z.strictObject({ name: buyerName, reset: z.boolean().default(false) });
export const adminToken = z
  .object({ tokenId: z.string().openapi({ example: 'token_2' }), label: z.string(), token: z.string().openapi({ description: 'Masked.' }), madeBy: z.string(), createdAt: time, expiresAt: time.nullable(), lastUsedAt: time.nullable(), status: z.enum(['live', 'expired', 'revoked']) })
  .openapi('AdminToken');
export const createTokenBody = z.strictObject({ label: z.string().min(1).max(64), expiresInDays: z.int().min(1).max(3650).nullable().default(null) });
export const createdToken = z.object({ tokenId: z.string(), label: z.string(), adminToken: z.string().nullable(), expiresAt: time.nullable() }).openapi('CreatedToken');

/** Read-only. `from`: where the value comes from: a line of the file, an option of the command line, or the default. */
export const setting = z
  .object({ key: z.string().openapi({ example: 'limits.request_body' }), value: z.string(), from: z.enum(['file', 'option', 'default']), line: z.int().nullable(), restart: z.boolean().openapi({ description: 'A change takes effect at the next start.' }) })
  .openapi('Setting');
export const settings = z.object({ file: z.string().nullable(), database: z.string(), version: z.string(), items: z.array(setting) }).openapi('Settings');

export const buyerParam = z.object({ buyerId });
export const keyParam = z.object({ keyId });
export const aliasParam = z.object({ alias });

export type AdminMe = z.output<typeof adminMe>;
export type AdminBuyer = z.output<typeof adminBuyer>;
export type CreatedInvite = z.output<typeof createdInvite>;
export type Deposited = z.output<typeof deposited>;
export type Transfer = z.output<typeof transfer>;
export type Books = z.output<typeof books>;
export type Verification = z.output<typeof verification>;
export type AdminKey = z.output<typeof adminKey>;
export type AdminRoute = z.output<typeof adminRoute>;
export type PriceCard = z.output<typeof priceCard>;
export type ChangedRoute = z.output<typeof changedRoute>;
export type PriceBook = z.output<typeof priceBook>;
export type AdminUsageReport = z.output<typeof adminUsageReport>;
export type AdminRequest = z.output<typeof adminRequest>;
export type AdminRequestDetail = z.output<typeof adminRequestDetail>;
export type AdminUpstream = z.output<typeof adminUpstream>;
export type Alert = z.output<typeof alert>;
export type AlertRule = z.output<typeof alertRule>;
export type AuditEntry = z.output<typeof auditEntry>;
export type AdminAccount = z.output<typeof adminAccount>;
export type AdminToken = z.output<typeof adminToken>;
export type CreatedToken = z.output<typeof createdToken>;
export type Setting = z.output<typeof setting>;
export type Settings = z.output<typeof settings>;

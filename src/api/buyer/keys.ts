import { createRoute, z } from '@hono/zod-openapi';
import { createKey } from '../../actions/create-key.ts';
import { revokeKey } from '../../actions/revoke-key.ts';
import type { Db } from '../../db/open.ts';
import { formatBuyerId, formatKeyId, parseKeyId, type BuyerId } from '../../ids.ts';
import { listKeys, parseKeyLabel, type Key } from '../../registry/keys.ts';
import { keyLastUses } from '../../reports/key-last-use.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { answer, BUYER_SECURITY, CHANGE_ERRORS, idempotencyHeader, jsonBody, refusals, serve, TAGS } from '../route-parts.ts';
import { createdKey, createKeyBody, key, type CreatedKey } from '../schemas/buyer.ts';
import { item, keyId, list } from '../schemas/parts.ts';
import { callingBuyer, enabledBuyer, notThere } from './calling-buyer.ts';
import { keyDocument } from './key-document.ts';

/** Of the revoked ones, the newest. */
const REVOKED_SHOWN = 200;
const LIVE_MAX = 100;

const listRoute = createRoute({
  method: 'get',
  path: '/buyer/keys',
  tags: [TAGS.keys],
  summary: 'API keys, masked',
  description: `The live ones, newest first, then the newest ${REVOKED_SHOWN} that were revoked.`,
  security: BUYER_SECURITY,
  responses: { 200: answer(list(key), 'All of them: there is no further page.'), ...refusals() },
});

const createdRoute = createRoute({
  method: 'post',
  path: '/buyer/keys',
  tags: [TAGS.keys],
  summary: 'Make an API key',
  description: 'The key is in this answer and nowhere else.',
  security: BUYER_SECURITY,
  request: { headers: idempotencyHeader, body: jsonBody(createKeyBody, false) },
  responses: { 201: answer(item(createdKey), 'The key, shown once.'), ...refusals(...CHANGE_ERRORS, 'refused', 'too_many_attempts') },
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/buyer/keys/{keyId}',
  tags: [TAGS.keys],
  summary: 'Revoke an API key',
  description: 'It is refused from the next request on; what runs already finishes and is billed. Revoking a revoked key changes nothing.',
  security: BUYER_SECURITY,
  request: { headers: idempotencyHeader, params: z.object({ keyId }) },
  responses: { 200: answer(item(key), 'The key, revoked.'), ...refusals(...CHANGE_ERRORS, 'not_found', 'too_many_attempts') },
});

export function registerKeys(app: ApiApp, deps: ApiDeps, limit: (buyerId: BuyerId, now: number) => void): void {
  serve(app, listRoute, (c) => {
    const { buyerId } = callingBuyer(c);
    const read = deps.db.transaction(() => {
      const keys = listKeys(deps.db, buyerId).toReversed();
      const shown = [...keys.filter(({ revokedAt }) => revokedAt === null), ...keys.filter(({ revokedAt }) => revokedAt !== null).slice(0, REVOKED_SHOWN)];
      const lastUse = keyLastUses(deps.db, buyerId);
      return shown.map((one) => keyDocument(one, lastUse(one.id)));
    });
    return c.json({ items: read.deferred(), nextCursor: null });
  });

  serve(app, createdRoute, (c) => {
    const caller = callingBuyer(c);
    const body = c.req.valid('json');
    limit(caller.buyerId, deps.now());
    const label = parseKeyLabel(body.label);
    if (!label.ok) throw new ApiError('invalid_request', `label: ${label.reason}.`, { details: { parameter: 'label' } });
    return change(c, deps, body, (db, by) => {
      const { id: buyerId } = enabledBuyer(db, caller, 'make keys');
      if (liveCount(db, buyerId) >= LIVE_MAX) throw new ApiError('refused', `There are ${LIVE_MAX} live keys, which is as many as there may be; revoke one first.`);
      const { key: made, secret } = createKey(db, by, { buyerId, label: label.label, now: deps.now() });
      const shown: CreatedKey = { buyerId: formatBuyerId(buyerId), keyId: formatKeyId(made.id), label: made.label, routeApiKey: secret };
      return { status: 201, body: { item: shown }, replay: { item: { ...shown, routeApiKey: null } } };
    });
  });

  serve(app, revokeRoute, (c) => {
    const { buyerId } = callingBuyer(c);
    const id = parseKeyId(c.req.valid('param').keyId);
    limit(buyerId, deps.now());
    return change(c, deps, null, (db, by) => {
      if (ownKey(db, buyerId, id) === undefined) throw notThere('key');
      revokeKey(db, by, { keyId: id as Key['id'], now: deps.now() });
      return { status: 200, body: { item: keyDocument(ownKey(db, buyerId, id) as Key, keyLastUses(db, buyerId)(id as Key['id'])) } };
    });
  });
}

const ownKey = (db: Db, buyerId: BuyerId, id: Key['id'] | null): Key | undefined => listKeys(db, buyerId).find((one) => one.id === id);
const liveCount = (db: Db, buyerId: BuyerId): number => listKeys(db, buyerId).filter(({ revokedAt }) => revokedAt === null).length;

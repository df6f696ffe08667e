import { createRoute } from '@hono/zod-openapi';
import { rotateKey } from '../../actions/rotate-key.ts';
import { isoTime } from '../../documents/iso-time.ts';
import { formatBuyerId, formatKeyId, parseKeyId, type BuyerId } from '../../ids.ts';
import type { RotateOutcome } from '../../registry/keys.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { answer, BUYER_SECURITY, CHANGE_ERRORS, idempotencyHeader, jsonBody, refusals, serve, TAGS } from '../route-parts.ts';
import { rotateBody, rotatedKey, type RotatedKey } from '../schemas/buyer.ts';
import { item } from '../schemas/parts.ts';
import { callingBuyer, enabledBuyer, notThere } from './calling-buyer.ts';
import { keyDocument } from './key-document.ts';

const route = createRoute({
  method: 'post',
  path: '/buyer/rotate-api-key',
  tags: [TAGS.keys],
  summary: 'Replace an API key',
  description:
    'The old key is refused from the next request on, and the new one is in this answer and nowhere else. Your session goes on. With several live keys, `keyId` says which; ' +
    'without it the answer is 409 `several_keys`, and `details.keys` lists them. Repeated with the same Idempotency-Key it answers 200 with the same `keyId` and `routeApiKey: null`.',
  security: BUYER_SECURITY,
  request: { headers: idempotencyHeader, body: jsonBody(rotateBody, false) },
  responses: { 200: answer(item(rotatedKey), 'The new key, shown once.'), ...refusals(...CHANGE_ERRORS, 'not_found', 'conflict', 'several_keys', 'too_many_attempts') },
});

export function registerRotate(app: ApiApp, deps: ApiDeps, limit: (buyerId: BuyerId, now: number) => void): void {
  serve(app, route, (c) => {
    const caller = callingBuyer(c);
    const body = c.req.valid('json');
    limit(caller.buyerId, deps.now());
    return change(c, deps, body, (db, by) => {
      const { id: buyerId } = enabledBuyer(db, caller, 'rotate keys');
      const keyId = body.keyId === undefined ? null : parseKeyId(body.keyId);
      const outcome = rotateKey(db, by, { buyerId, keyId, rotationId: null, now: deps.now() });
      if (outcome.kind !== 'rotated') throw refusalOf(outcome);
      const { old, created } = outcome;
      const rotated: RotatedKey = {
        buyerId: formatBuyerId(buyerId),
        routeApiKey: created.secret,
        keyId: formatKeyId(created.key.id),
        label: created.key.label,
        oldKeyId: formatKeyId(old.id),
        oldKeyRevokedAt: isoTime(old.revokedAt ?? created.key.createdAt),
      };
      return { status: 200, body: { item: rotated }, replay: { item: { ...rotated, routeApiKey: null } } };
    });
  });
}

/** Why a key was not rotated. Nothing was changed. */
export function refusalOf(outcome: Exclude<RotateOutcome, { kind: 'rotated' }>): ApiError {
  switch (outcome.kind) {
    case 'severalKeys':
      return new ApiError('several_keys', `There are ${outcome.keys.length} live keys; say with keyId which one to rotate.`, { details: { keys: outcome.keys.map((one) => keyDocument(one, null)) } });
    case 'noLiveKey':
      return new ApiError('conflict', 'There is no live key to rotate; make one with POST /buyer/keys.');
    case 'notFound':
      return notThere('key');
    case 'revoked': {
      const { id, revokedAt, replacedBy } = outcome.key;
      const heir = replacedBy === null ? '' : ` and replaced by ${formatKeyId(replacedBy)}`;
      return new ApiError('conflict', `${formatKeyId(id)} was revoked at ${isoTime(revokedAt ?? 0)}${heir}; only a live key can be rotated.`);
    }
    case 'repeated':
    case 'conflict':
      return new ApiError('conflict', 'This rotation was done before.');
  }
}

/** Keys of all buyers: list, create, rotate, revoke. */
import { createKey } from '../../actions/create-key.ts';
import { revokeKey } from '../../actions/revoke-key.ts';
import { rotateKey } from '../../actions/rotate-key.ts';
import { isoTime } from '../../documents/iso-time.ts';
import { formatBuyerId, formatKeyId } from '../../ids.ts';
import { listKeys, parseKeyLabel, type RotateOutcome } from '../../registry/keys.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change, type Changed } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminKey, buyerParam, keyParam, keyQuery } from '../schemas/admin.ts';
import { createdKey, createKeyBody, rotatedKey } from '../schemas/buyer.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute, body } from './admin-route.ts';
import { requireBuyer, requireKey } from './find-subject.ts';
import { keyDocuments } from './key-documents.ts';

const tag = TAGS.adminKeys;
const once = 'The key is in this answer only: a repeat with the same Idempotency-Key has null in its place.';

const listRoute = adminRoute({ method: 'get', path: '/admin/keys', tag, summary: 'Keys of all buyers, or of one', request: { query: keyQuery }, answer: list(adminKey), errors: ['not_found'] });
const createRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/keys',
  tag,
  summary: 'Create a key for a buyer',
  description: once,
  request: { params: buyerParam, ...body(createKeyBody) },
  answer: item(createdKey),
  status: 201,
  errors: ['not_found'],
});
const rotateRoute = adminRoute({
  method: 'post',
  path: '/admin/keys/{keyId}/rotate',
  tag,
  summary: 'Replace a key: the old one is refused at once',
  description: once,
  request: { params: keyParam },
  answer: item(rotatedKey),
  errors: ['not_found', 'conflict'],
});
const revokeRoute = adminRoute({
  method: 'delete',
  path: '/admin/keys/{keyId}',
  tag,
  summary: 'Refuse a key from the next request on',
  request: { params: keyParam },
  answer: item(adminKey),
  errors: ['not_found'],
});

export function registerKeys(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => {
    const { buyerId, status } = c.req.valid('query');
    const keys = listKeys(deps.db, buyerId === undefined ? null : requireBuyer(deps.db, buyerId).id);
    const wanted = keys.filter(({ revokedAt }) => status === undefined || (status === 'live') === (revokedAt === null));
    return c.json({ items: keyDocuments(deps.db, wanted), nextCursor: null }, 200);
  });
  serve(app, createRoute, (c) => {
    const request = c.req.valid('json');
    const parsed = parseKeyLabel(request.label);
    if (!parsed.ok) throw new ApiError('invalid_request', `label: ${parsed.reason}.`, { details: { parameter: 'label' } });
    return change(c, deps, request, (db, by): Changed => {
      const buyer = requireBuyer(db, c.req.valid('param').buyerId);
      const { key, secret } = createKey(db, by, { buyerId: buyer.id, label: parsed.label, now: deps.now() });
      const made = { buyerId: formatBuyerId(buyer.id), keyId: formatKeyId(key.id), label: key.label };
      return { status: 201, body: { item: { ...made, routeApiKey: secret } }, replay: { item: { ...made, routeApiKey: null } } };
    });
  });
  serve(app, rotateRoute, (c) =>
    change(c, deps, null, (db, by): Changed => {
      const { id, buyerId } = requireKey(db, c.req.valid('param').keyId);
      const outcome = rotateKey(db, by, { buyerId, keyId: id, rotationId: null, now: deps.now() });
      if (outcome.kind !== 'rotated') throw refusal(outcome);
      const { old, created } = outcome;
      const made = { buyerId: formatBuyerId(buyerId), keyId: formatKeyId(created.key.id), label: created.key.label, oldKeyId: formatKeyId(old.id), oldKeyRevokedAt: isoTime(created.key.createdAt) };
      return { status: 200, body: { item: { ...made, routeApiKey: created.secret } }, replay: { item: { ...made, routeApiKey: null } } };
    }),
  );
  serve(app, revokeRoute, (c) =>
    change(c, deps, null, (db, by): Changed => {
      const { keyId } = c.req.valid('param');
      revokeKey(db, by, { keyId: requireKey(db, keyId).id, now: deps.now() });
      return { status: 200, body: { item: keyDocuments(db, [requireKey(db, keyId)])[0] } };
    }),
  );
}

function refusal(outcome: Exclude<RotateOutcome, { kind: 'rotated' }>): Error {
  if (outcome.kind === 'notFound') return new ApiError('not_found', 'There is no such key.');
  // Without a rotation id, and with the key named, nothing else is possible.
  if (outcome.kind !== 'revoked') return new Error(`a rotation of one named key ended as ${outcome.kind}`);
  const { id, revokedAt, replacedBy } = outcome.key;
  const replaced = replacedBy === null ? '' : ` and replaced by ${formatKeyId(replacedBy)}`;
  return new ApiError('conflict', `Key ${formatKeyId(id)} was revoked at ${isoTime(revokedAt ?? 0)}${replaced}; only a live key can be rotated.`);
}

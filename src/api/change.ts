/** A change that the API makes: the effect, its record and its remembered answer are on disk together or not at all. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Actor } from '../audit/actor.ts';
import type { Db } from '../db/open.ts';
import type { ApiDeps, ApiEnv, Caller } from './api-app.ts';
import { ApiError } from './api-error.ts';

export interface Changed {
  readonly status: 200 | 201 | 202;
  /** The answer, secrets included. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What a repeat with the same Idempotency-Key is answered: without secrets. Left out: the same body. */
  readonly replay?: Readonly<Record<string, unknown>>;
}

const KEY = /^[\x21-\x7e]{1,200}$/;
/** A repeat that comes later than this is a new request. */
const KEPT_MS = 7 * 24 * 3_600_000;

/**
 * Runs `perform` in one `BEGIN IMMEDIATE` transaction; what it throws rolls back. With an `Idempotency-Key` a repeat of
 * the same request is answered from memory and changes nothing; the same key on another request is a conflict.
 */
export function change(c: Context<ApiEnv>, deps: ApiDeps, request: unknown, perform: (db: Db, by: Actor) => Changed): Response {
  const key = c.req.header('idempotency-key');
  if (key !== undefined && !KEY.test(key)) throw new ApiError('invalid_request', 'Idempotency-Key must be 1 to 200 visible ASCII characters.');
  const { db } = deps;
  const asked = createHash('sha256').update(JSON.stringify([c.req.method, c.req.path, request])).digest();
  const scope = scopeOf(c.get('caller'));
  const run = db.transaction((): Pick<Changed, 'status' | 'body'> => {
    const now = deps.now();
    const before = key === undefined ? null : remembered(db, { scope, key, asked, since: now - KEPT_MS });
    if (before !== null) return before;
    const changed = perform(db, c.get('actor'));
    if (key !== undefined) {
      db.prepare('DELETE FROM idempotency WHERE at < ?').run(now - KEPT_MS);
      const body = JSON.stringify(changed.replay ?? changed.body);
      db.prepare('INSERT OR REPLACE INTO idempotency(scope, key, request, status, body, at) VALUES (?, ?, ?, ?, ?, ?)').run(scope, key, asked, changed.status, body, now);
    }
    return changed;
  });
  const { status, body } = run.immediate();
  return c.json(body, status);
}

function scopeOf(caller: Caller): string {
  if (caller.kind === 'buyer') return `buyer:${caller.buyerId}`;
  return caller.kind === 'admin' ? `admin:${caller.loginId}` : `token:${caller.tokenId}`;
}

interface Asked {
  readonly scope: string;
  readonly key: string;
  readonly asked: Buffer;
  readonly since: number;
}

function remembered(db: Db, { scope, key, asked, since }: Asked): Pick<Changed, 'status' | 'body'> | null {
  const row = db.prepare('SELECT request, status, body FROM idempotency WHERE scope = ? AND key = ? AND at >= ?').get(scope, key, since) as
    | { request: Buffer; status: 200 | 201 | 202; body: string }
    | undefined;
  if (row === undefined) return null;
  if (!row.request.equals(asked)) throw new ApiError('idempotency_conflict', 'This Idempotency-Key was used for another request; use a new one.');
  return { status: row.status, body: JSON.parse(row.body) as Record<string, unknown> };
}

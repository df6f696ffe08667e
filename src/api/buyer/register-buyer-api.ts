/** What a buyer can see and do: every route below /buyer but those of signing in. */
import { endAllTryKeys } from '../../actions/try-keys.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { createRateLimit } from '../rate-limit.ts';
import { registerAccount } from './account.ts';
import { registerEvents } from './events.ts';
import { registerKeys } from './keys.ts';
import { registerRequests } from './requests.ts';
import { registerRotate } from './rotate.ts';
import { registerRoutes } from './routes.ts';
import { registerStatements } from './statements.ts';
import { registerTry } from './try.ts';
import { registerUsage } from './usage.ts';

const HOUR_MS = 3_600_000;
/** No "try it" lasts that long: what is older was left by a process that died. */
const TRY_KEY_AGE_MS = HOUR_MS / 4;

export function registerBuyerApi(app: ApiApp, deps: ApiDeps): void {
  // Each change waits for the disk, and the ledger waits behind it.
  const limitChanges = createRateLimit({ most: 60, perMs: 60_000, words: 'keys can be changed 60 times a minute' });
  registerAccount(app, deps);
  registerUsage(app, deps);
  registerRequests(app, deps);
  registerStatements(app, deps);
  registerKeys(app, deps, limitChanges);
  registerRotate(app, deps, limitChanges);
  registerRoutes(app, deps);
  registerTry(app, deps);
  registerEvents(app, deps);
  endOldTryKeys(deps);
  setInterval(() => endOldTryKeys(deps), HOUR_MS).unref();
}

function endOldTryKeys(deps: ApiDeps): void {
  const now = deps.now();
  try {
    const ended = endAllTryKeys(deps.db, now, now - TRY_KEY_AGE_MS);
    if (ended > 0) deps.log.info('try_keys_ended', { count: ended });
  } catch (error) {
    deps.log.warn('try_keys_left', { message: String(error) });
  }
}

/** All that an operator sees and does, below `/admin`: what the commands do, by HTTP. */
import type { ApiApp, ApiDeps, Caller } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { sessionNeeded } from '../authenticate.ts';
import { LiveFeed } from './live-feed.ts';
import { registerAdmins } from './register-admins.ts';
import { registerAlerts } from './register-alerts.ts';
import { registerAudit } from './register-audit.ts';
import { registerBuyers } from './register-buyers.ts';
import { registerDeposits } from './register-deposits.ts';
import { registerEvents } from './register-events.ts';
import { registerInvitations } from './register-invitations.ts';
import { registerKeys } from './register-keys.ts';
import { registerLedger } from './register-ledger.ts';
import { registerMe } from './register-me.ts';
import { registerPrices } from './register-prices.ts';
import { registerRequests } from './register-requests.ts';
import { registerRoutes } from './register-routes.ts';
import { registerSettings } from './register-settings.ts';
import { registerStatements } from './register-statements.ts';
import { registerTokens } from './register-tokens.ts';
import { registerUpstreams } from './register-upstreams.ts';
import { registerUsage } from './register-usage.ts';
import { registerVerify } from './register-verify.ts';

const PARTS = [
  registerMe,
  registerBuyers,
  registerDeposits,
  registerInvitations,
  registerStatements,
  registerKeys,
  registerRoutes,
  registerPrices,
  registerLedger,
  registerVerify,
  registerRequests,
  registerUsage,
  registerAlerts,
  registerAudit,
  registerAdmins,
  registerTokens,
  registerSettings,
] as const;

export function registerAdminApi(app: ApiApp, deps: ApiDeps): void {
  // Whoever comes this far was authenticated as an admin; were that ever to fail, nothing below would answer.
  app.use('/admin/*', async (c, next) => {
    const caller = c.get('caller') as Caller | undefined;
    if (sessionNeeded(c.req.path) !== null && caller?.kind !== 'admin' && caller?.kind !== 'adminToken') throw new ApiError('forbidden', 'Only admins may do this.');
    await next();
  });
  const feed = new LiveFeed(deps);
  for (const register of PARTS) register(app, deps);
  registerUpstreams(app, deps, feed);
  registerEvents(app, deps, feed);
}

/** All that the control plane serves, each part from its own folder. */
import { registerDocs } from '../docs/register-docs.ts';
import { registerAdminApi } from './admin/register-admin-api.ts';
import type { ApiApp, ApiDeps } from './api-app.ts';
import { registerBuyerApi } from './buyer/register-buyer-api.ts';
import { registerPages } from './register-pages.ts';
import { registerSignIn } from './sign-in/register-sign-in.ts';

export const apiParts: readonly ((app: ApiApp, deps: ApiDeps) => void)[] = [
  (app, deps) => registerSignIn(app, deps, 'buyer'),
  (app, deps) => registerSignIn(app, deps, 'admin'),
  registerBuyerApi,
  registerAdminApi,
  (app) => registerPages(app),
  registerDocs,
];

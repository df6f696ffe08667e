import { createRoute } from '@hono/zod-openapi';
import { formatBuyerId } from '../../ids.ts';
import { readBalances } from '../../reports/balances.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { answer, BUYER_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { me, type Me } from '../schemas/buyer.ts';
import { item } from '../schemas/parts.ts';
import { securityJson } from '../sign-in/security-json.ts';
import { balanceDocument } from './balance-document.ts';
import { callingBuyer } from './calling-buyer.ts';

const route = createRoute({
  method: 'get',
  path: '/buyer/me',
  tags: [TAGS.account],
  summary: 'Your account: balance, what is held, how fast it burns',
  security: BUYER_SECURITY,
  responses: { 200: answer(item(me), 'The account.'), ...refusals() },
});

export function registerAccount(app: ApiApp, deps: ApiDeps): void {
  serve(app, route, (c) => {
    const { buyerId, loginId } = callingBuyer(c);
    const { timezone, baseUrl, topUpInstructions } = deps.plan();
    const [balance] = readBalances(deps.db, { buyerId, now: deps.now() });
    if (balance === undefined) throw new Error(`buyer ${buyerId} of a session has no account`);
    const account: Me = {
      buyerId: formatBuyerId(buyerId),
      name: balance.buyerName,
      disabled: balance.disabled,
      balance: balanceDocument(balance),
      timezone,
      baseUrl,
      topUpInstructions,
      security: securityJson(deps.db, { loginId, origin: c.get('origin') }),
    };
    return c.json({ item: account });
  });
}

/** `/admin/buyers/{buyerId}/top-ups` and `/adjustments`: money onto a balance, or a correction of it. */
import { deposit } from '../../actions/deposit.ts';
import type { Actor } from '../../audit/actor.ts';
import type { Db } from '../../db/open.ts';
import { depositJson, depositRefusalWords, type RefusedDeposit } from '../../documents/deposit-json.ts';
import type { Deposit } from '../../ledger/ledger.ts';
import { formatUsdc, jsonMicros, micro, MICRO_USDC_MAX, type MicroUsdc } from '../../money.ts';
import type { Buyer } from '../../registry/buyers.ts';
import { parseVisibleText } from '../../registry/visible-text.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError, type ApiErrorCode } from '../api-error.ts';
import { change, type Changed } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adjustmentBody, buyerParam, deposited, topUpBody } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { adminRoute, body } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';

const TEXT_LENGTH_MAX = 200;
const unchanged = 'This reference was applied before: nothing was changed.';

const topUpRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/top-ups',
  tag: TAGS.buyers,
  summary: "Add USDC to a buyer's balance",
  request: { params: buyerParam, ...body(topUpBody) },
  answer: item(deposited),
  status: 201,
  unchanged,
  errors: ['not_found', 'conflict', 'refused'],
});
const adjustRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/adjustments',
  tag: TAGS.buyers,
  summary: 'Correct a balance, up or down, with a reason for the books',
  request: { params: buyerParam, ...body(adjustmentBody) },
  answer: item(deposited),
  status: 201,
  unchanged,
  errors: ['not_found', 'conflict', 'refused'],
});

export function registerDeposits(app: ApiApp, deps: ApiDeps): void {
  serve(app, topUpRoute, (c) => {
    const request = c.req.valid('json');
    const wanted = { kind: 'deposit', amount: amountOf(request.amountUsdMicros), reference: textOf('reference', request.reference), reason: null } as const;
    return change(c, deps, request, (db, by) => perform(db, by, { buyer: requireBuyer(db, c.req.valid('param').buyerId), wanted, now: deps.now() }));
  });
  serve(app, adjustRoute, (c) => {
    const request = c.req.valid('json');
    const [reference, reason] = [textOf('reference', request.reference), textOf('reason', request.reason)];
    const wanted = { kind: 'adjust', amount: amountOf(request.amountUsdMicros), reference, reason } as const;
    return change(c, deps, request, (db, by) => perform(db, by, { buyer: requireBuyer(db, c.req.valid('param').buyerId), wanted, now: deps.now() }));
  });
}

function amountOf(value: number): MicroUsdc {
  const amount = micro(value);
  if (amount === 0n) throw new ApiError('invalid_request', 'amountUsdMicros: it is 0, so there is nothing to do.', { details: { parameter: 'amountUsdMicros' } });
  if (amount > MICRO_USDC_MAX || amount < 0n - MICRO_USDC_MAX)
    throw new ApiError('invalid_request', `amountUsdMicros: above the largest amount, ${jsonMicros(MICRO_USDC_MAX)} (${formatUsdc(MICRO_USDC_MAX, 0)} USDC).`, { details: { parameter: 'amountUsdMicros' } });
  return amount;
}

function textOf<T extends string | null>(field: string, text: T): T {
  if (text === null) return text;
  const parsed = parseVisibleText(text, TEXT_LENGTH_MAX);
  if (!parsed.ok) throw new ApiError('invalid_request', `${field}: ${parsed.reason}.`, { details: { parameter: field } });
  return parsed.text as T;
}

interface Wanted {
  readonly buyer: Buyer;
  readonly wanted: Omit<Deposit, 'buyerId'>;
  readonly now: number;
}

function perform(db: Db, by: Actor, { buyer, wanted, now }: Wanted): Changed {
  const made = { buyer, deposit: { ...wanted, buyerId: buyer.id } };
  const outcome = deposit(db, by, made.deposit, now);
  if (outcome.kind === 'created') return { status: 201, body: { item: depositJson(made, { ...outcome, applied: true }) } };
  if (outcome.kind === 'exists') return { status: 200, body: { item: depositJson(made, { ...outcome, applied: false, before: outcome.balance }) } };
  const text = depositRefusalWords(made, outcome);
  throw new ApiError(REFUSALS[outcome.kind], text.charAt(0).toUpperCase() + text.slice(1), { details: detailsOf(outcome) });
}

const REFUSALS = { conflict: 'conflict', insufficientFunds: 'refused', noBuyer: 'not_found', tooMuch: 'refused', unavailable: 'unavailable' } as const satisfies Record<RefusedDeposit['kind'], ApiErrorCode>;

function detailsOf(outcome: RefusedDeposit): Record<string, unknown> {
  if (outcome.kind === 'conflict') return { field: outcome.field, transferId: String(outcome.transferId) };
  if (outcome.kind !== 'insufficientFunds') return {};
  return { balanceUsdMicros: jsonMicros(outcome.balance.balance), heldUsdMicros: jsonMicros(outcome.balance.held) };
}

/** One request in words for the buyer whose it is: without upstreams, tries, list prices or margins. Read-only. */
import type { Db } from '../db/open.ts';
import { formatCardVersion, type BuyerId, type RequestId } from '../ids.ts';
import { ZERO } from '../money.ts';
import { readSurroundings, type Admitted } from './explain/admission.ts';
import { askedStep, holdSteps, routeStep, type Admission } from './explain/admission-steps.ts';
import { cacheStep, chargeStep } from './explain/charge-steps.ts';
import { endStep, flagsStep, usageStep } from './explain/ending-steps.ts';
import { lasting, minute, usdc } from './explain/figure-words.ts';
import { findOpenRequest, runningStep, type OpenRequestEntry } from './explain/open-request.ts';
import { balanceNowStep, refusalStep } from './explain/refusal-steps.ts';
import { told, type StoryStep } from './explain/story-step.ts';
import { readReceipt, type ReceiptOutcome } from './receipt.ts';
import { paidBy, readTransfers, type RequestTransfer } from './request-transfers.ts';
import type { RequestEntry } from './requests.ts';

export type BuyerStory =
  | { readonly kind: 'running'; readonly open: OpenRequestEntry; readonly keyLabel: string; readonly story: readonly StoryStep[] }
  | {
      readonly kind: 'ended';
      readonly outcome: Exclude<ReceiptOutcome, { kind: 'notFound' }>;
      readonly transfers: readonly RequestTransfer[];
      readonly story: readonly StoryStep[];
    };

/** Null: this buyer has no such request, whether or not another one has it. `now` is Unix ms. */
export function explainToBuyer(db: Db, query: { readonly requestId: RequestId; readonly buyerId: BuyerId; readonly now: number }): BuyerStory | null {
  const { requestId, buyerId, now } = query;
  // In one moment: a request that ends between two reads would be in neither table.
  return db.transaction((): BuyerStory | null => {
    const outcome = readReceipt(db, requestId);
    if (outcome.kind === 'notFound') {
      const open = findOpenRequest(db, requestId);
      return open === null || open.admitted.buyerId !== buyerId ? null : tellRunning(db, open, now);
    }
    return outcome.entry.buyerId === buyerId ? tellEnded(db, outcome) : null;
  })();
}

/** What a buyer may know of how it was admitted. */
function admissionOf(db: Db, admitted: Admitted): Admission {
  return { admitted: { ...admitted, upstream: null }, around: readSurroundings(db, admitted) };
}

function tellRunning(db: Db, open: OpenRequestEntry, now: number): BuyerStory {
  const admission = admissionOf(db, open.admitted);
  const story = told([askedStep(admission), routeStep(admission), pricesStep(admission), ...holdSteps(admission, 0), runningStep(open, now)]);
  return { kind: 'running', open, keyLabel: admission.around.key.label, story };
}

function tellEnded(db: Db, outcome: Exclude<ReceiptOutcome, { kind: 'notFound' }>): BuyerStory {
  const { entry } = outcome;
  const transfers = outcome.kind === 'receipt' ? outcome.transfers : readTransfers(db, entry.requestId);
  const admission = admissionOf(db, entry);
  const refused = entry.status === 'refused';
  const beginning = [askedStep(admission), refused ? routeStep(admission) : routeStep(admission, entry.responseModel), pricesStep(admission)];
  const middle = [...holdSteps(admission, entry.detail?.waitedMs ?? 0), firstByteStep(entry), endStep(entry, 'buyer')];
  const charged = outcome.kind === 'receipt' && entry.usageSource !== 'none' ? [chargeStep(outcome.document), cacheStep(outcome.document)] : [];
  const ending = refused ? [refusalStep(entry), balanceNowStep(entry, admission.around)] : [usageStep(entry), flagsStep(entry, 'buyer'), ...charged, debitStep(transfers)];
  return { kind: 'ended', outcome, transfers, story: told([...beginning, ...middle, ...ending]) };
}

function pricesStep({ admitted, around }: Admission): StoryStep | null {
  const { card, cardNow } = around;
  if (card === null || admitted.cardVersion === null) return null;
  const newer = cardNow === null || cardNow === admitted.cardVersion ? '' : ` The route has ${formatCardVersion(cardNow)} now.`;
  return { topic: 'prices', text: `Its price card is ${formatCardVersion(admitted.cardVersion)}, in force since ${minute(card.createdAt)}.${newer}` };
}

function firstByteStep({ status, timeToFirstByteMs }: RequestEntry): StoryStep | null {
  if (status === 'refused' || timeToFirstByteMs === null) return null;
  return { topic: 'answer', text: `The first byte of the answer came after ${lasting(timeToFirstByteMs)}.` };
}

function debitStep(transfers: readonly RequestTransfer[]): StoryStep | null {
  if (transfers.length === 0) return null;
  const { released, debited, shortfall } = paidBy(transfers);
  const rest = released === ZERO ? 'Nothing of the hold was left.' : `${usdc(released)} of the hold was released.`;
  const uncovered = shortfall === ZERO ? '' : ` ${usdc(shortfall)} of the charge was more than the balance had, and was not debited.`;
  return { topic: 'ledger', text: `${debited === ZERO ? 'Nothing' : usdc(debited)} was debited. ${rest}${uncovered}` };
}

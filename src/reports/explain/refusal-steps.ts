/** Why a request was refused, what it would have needed, and what to do next. */
import { formatBuyerId } from '../../ids.ts';
import { formatUsdc } from '../../money.ts';
import type { RequestEntry } from '../requests.ts';
import type { Surroundings } from './admission.ts';
import { usdc } from './figure-words.ts';
import type { StoryStep } from './story-step.ts';

/** The client was told in a message of ours, which is kept and names what was needed. */
export function refusalStep({ detail }: RequestEntry): StoryStep | null {
  return detail?.message === undefined ? null : { topic: 'told', text: `The client was told: ${detail.message}` };
}

const ABOUT_MONEY: ReadonlySet<string | null> = new Set(['insufficient_funds', 'hold_timeout']);

export function balanceNowStep(entry: RequestEntry, { buyer }: Surroundings): StoryStep | null {
  if (!ABOUT_MONEY.has(entry.errorCode)) return null;
  const available = buyer.balance - buyer.held;
  return { topic: 'now', text: `${buyer.name} has ${usdc(available)} available now: a balance of ${usdc(buyer.balance)}, ${formatUsdc(buyer.held)} held.` };
}

/** The command to type next, if there is one that helps. */
export function nextCommand(entry: RequestEntry): string | null {
  switch (entry.errorCode) {
    case 'insufficient_funds':
      return `ainogap topup ${typed(entry)} ${missingIn(entry) ?? '10'}`;
    case 'hold_timeout':
      return `ainogap balance ${typed(entry)}`;
    case 'model_not_offered':
      return entry.route === null ? 'ainogap route list' : `ainogap route show ${entry.route}`;
    case 'not_found':
      return 'ainogap route list';
    case 'upstream_credential':
      return entry.route === null ? null : `ainogap route show ${entry.route}`;
    default:
      return null;
  }
}

/** The buyer as a shell takes it: by id where the name would need quotes. */
const typed = ({ buyerId, buyerName }: RequestEntry): string => (/^[A-Za-z0-9][\w.-]*$/.test(buyerName) ? buyerName : formatBuyerId(buyerId));

/** As the refusal named it; a refusal for an empty balance names none. */
const missingIn = ({ detail }: RequestEntry): string | null => /Top up (\d+\.\d{6}) USDC or more/.exec(detail?.message ?? '')?.[1] ?? null;

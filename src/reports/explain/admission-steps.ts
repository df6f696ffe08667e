/** The beginning of a request's story: who asked for what, under which prices, and what was held for it. */
import { formatBuyerId, formatCardVersion, formatKeyId } from '../../ids.ts';
import { costOf, roundUp } from '../../metering/cost.ts';
import { micro, type MicroUsdc } from '../../money.ts';
import type { CardOrigin } from '../../registry/cards.ts';
import type { Admitted, Surroundings } from './admission.ts';
import { BASIS_WORDS } from './ending-words.ts';
import { counted, instant, lasting, minute, usdc } from './figure-words.ts';
import { told, type StoryStep } from './story-step.ts';

export interface Admission {
  readonly admitted: Admitted;
  readonly around: Surroundings;
}

export function askedStep({ admitted, around }: Admission): StoryStep {
  const { buyer, key } = around;
  const sentences = [
    `${instant(admitted.startedAt)}: ${buyer.name} (${formatBuyerId(admitted.buyerId)}) asked with the key "${key.label}", ${formatKeyId(admitted.keyId)}, ${key.masked}.`,
  ];
  if (key.revokedAt !== null) {
    const heir = key.replacedBy === null ? '' : ` and replaced by ${formatKeyId(key.replacedBy)}`;
    const then = key.revokedAt >= admitted.startedAt ? ', after this request was admitted' : '';
    sentences.push(`That key was revoked${heir} at ${instant(key.revokedAt)}${then}.`);
  }
  if (buyer.disabledAt !== null) sentences.push(`The buyer is disabled since ${minute(buyer.disabledAt)}.`);
  return { topic: 'asked', text: sentences.join(' ') };
}

/** `answeredBy`: as the response named it; null when there was none, undefined while it is not known. */
export function routeStep({ admitted }: Admission, answeredBy?: string | null): StoryStep {
  const { route, upstream, model } = admitted;
  if (route === null) return { topic: 'route', text: 'It named no route that this buyer has.' };
  const leads = upstream === null ? `It came to the route ${route}` : `The route ${route} leads to the upstream ${upstream}`;
  if (model === null) return { topic: 'route', text: `${leads}; which model it asked for was not read.` };
  const answered =
    answeredBy === undefined ? '' : answeredBy === null ? '; no model answered' : answeredBy === model ? ', and that model answered' : `; ${answeredBy} answered`;
  return { topic: 'route', text: `${leads}. It asked for ${model}${answered}.` };
}

export function pricesStep({ admitted, around }: Admission): StoryStep | null {
  const { card, cardNow } = around;
  if (card === null || admitted.cardVersion === null) return null;
  const version = formatCardVersion(admitted.cardVersion);
  const newer = cardNow === null || cardNow === admitted.cardVersion ? '' : ` The route has ${formatCardVersion(cardNow)} now.`;
  return { topic: 'prices', text: `Its price card is ${version}: ${originWords(card.origin)}, in force since ${minute(card.createdAt)}.${newer}` };
}

function originWords(origin: CardOrigin): string {
  if (origin.kind === 'file') return `prices of the operator's own, from ${origin.file}`;
  if (origin.multiplier === '1') return `the list prices of ${origin.bookDate}`;
  return `${origin.multiplier} × the list prices of ${origin.bookDate}`;
}

/** What all the output that a request may produce would cost; null where it was not recorded or has no price. */
export function outputAtMost({ admitted, around }: Admission): MicroUsdc | null {
  const model = admitted.model === null ? undefined : around.card?.card.byName.get(admitted.model);
  if (model === undefined || admitted.outputTokensMax === null) return null;
  return roundUp(costOf(admitted.outputTokensMax, model.prices.output, { tenths: model.geoPremium ? 11n : 10n }));
}

export function holdSteps(admission: Admission, waitedMs: number): StoryStep[] {
  return told([quoteStep(admission), waitStep(admission, waitedMs), heldStep(admission)]);
}

function quoteStep(admission: Admission): StoryStep | null {
  const { quoteBasis, outputTokensMax } = admission.admitted;
  if (quoteBasis === null) return null;
  const cost = outputAtMost(admission);
  const price = cost === null ? '' : `, which would cost ${usdc(cost)}`;
  const output = outputTokensMax === null ? '' : ` Its output could be at most ${counted(outputTokensMax, 'token')}${price}.`;
  return { topic: 'quote', text: `${BASIS_WORDS[quoteBasis]}${output}` };
}

function waitStep({ around }: Admission, waitedMs: number): StoryStep | null {
  if (waitedMs === 0) return null;
  return { topic: 'waiting', text: `It waited ${lasting(waitedMs)} for money that other requests of ${around.buyer.name} held.` };
}

function heldStep(admission: Admission): StoryStep | null {
  const { hold } = admission.admitted;
  if (hold === null) return null;
  const output = outputAtMost(admission);
  if (output === null) return { topic: 'hold', text: `${usdc(hold)} was held before it went upstream.` };
  if (output > hold) return { topic: 'hold', text: `${usdc(hold)} was held before it went upstream: the route holds for fewer output tokens than may come.` };
  const rest = micro(hold - output);
  return { topic: 'hold', text: `${usdc(hold)} was held before it went upstream: ${usdc(output)} for output, ${usdc(rest)} for input and fees.` };
}

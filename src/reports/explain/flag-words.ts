import type { Listener } from './error-words.ts';

/** What each flag of a request's row means, for whoever has to answer for its charge. */
const FLAG_WORDS: Readonly<Record<string, string>> = {
  body_malformed: 'the body of the answer was no complete JSON document',
  cache_write_grew:
    'more cache writes were reported at the end than at the start, where their times to live are told apart; the rest counts as 1-hour writes only if the request asked for no others',
  capped_at_worst_case: 'the estimate came to more than the request could cost at worst, so that is all that was charged',
  event_malformed: 'an event of the stream could not be read; it was passed on all the same',
  event_too_long: 'an event of the stream was longer than the meter reads; it was passed on all the same',
  exposure: 'nothing was charged although the upstream may have billed for it: the loss, if there is one, is yours',
  gateway_fault: 'a bug of the gateway ended it; the log has the details',
  geo_not_priced: 'the answer came from a region that has no price of its own, so the list prices were taken',
  model_mismatch: 'another model answered than was asked for, and its own prices were taken',
  model_not_priced: 'the model that answered is not on the price card, so the prices of the model that was asked for were taken',
  models_merged: 'the upstream named more models than a receipt can hold; the rest was charged as the model that was asked for',
  not_priced: 'what it had used could not be priced, for its card or its model could not be read, so nothing was charged',
  speed_not_priced: 'the answer was made at a speed that has no price of its own, so the list prices were taken',
  tier_not_priced: 'the answer was made in a service tier that has no price of its own, so the list prices were taken',
  unknown_counter: 'the upstream counted something that the gateway does not know; look whether it is billed',
  usage_malformed: 'a figure of the reported usage was no count and was not taken',
  usage_missing: 'the answer had no usage where there should be one',
};

/** Where the words above are for the operator alone: its losses, its logs, and list prices, are no matter of a buyer's. */
const TO_BUYERS: Readonly<Record<string, string>> = {
  exposure: 'nothing was charged, for nothing is known to charge by',
  gateway_fault: 'a bug of the gateway ended it',
  geo_not_priced: 'the answer came from a region that has no price of its own, so the usual prices were taken',
  speed_not_priced: 'the answer was made at a speed that has no price of its own, so the usual prices were taken',
  tier_not_priced: 'the answer was made in a service tier that has no price of its own, so the usual prices were taken',
  unknown_counter: 'the upstream counted something that the gateway does not know; it was not charged',
};

/** Every flag has words; one that a newer or older version set is named as it is. */
export function flagWords(flag: string, listener: Listener = 'operator'): string {
  if (listener === 'buyer' && Object.hasOwn(TO_BUYERS, flag)) return TO_BUYERS[flag] as string;
  return FLAG_WORDS[flag] ?? `(the flag ${flag} is not known to this version)`;
}

export const isKnownFlag = (flag: string): boolean => Object.hasOwn(FLAG_WORDS, flag);

/** The middle of a request's story: what the upstream did, when, and how it ended. */
import type { UpstreamTry } from '../../ledger/ledger.ts';
import type { RequestEntry } from '../requests.ts';
import { SOURCE_WORDS, STATUS_WORDS } from './ending-words.ts';
import { errorWords, toldNotToRetry, type Listener } from './error-words.ts';
import { counted, lasting, times } from './figure-words.ts';
import { flagWords } from './flag-words.ts';
import type { StoryStep } from './story-step.ts';

export function upstreamStep(entry: RequestEntry): StoryStep | null {
  const { attempts, detail, upstreamRequestId } = entry;
  if (entry.status === 'refused') return null;
  if (entry.status === 'recovered') return { topic: 'upstream', text: 'It was sent; how often, and when an answer came, was known only to the process that died.' };
  if (attempts === 0) return { topic: 'upstream', text: 'It never went upstream.' };
  const named = upstreamRequestId === null ? '' : ` The upstream calls it ${upstreamRequestId}.`;
  const first = entry.timeToFirstByteMs === null ? ' No byte of an answer came.' : ` The first byte of the answer came after ${lasting(entry.timeToFirstByteMs)}.`;
  const rows = detail?.tries?.map(tryRow);
  return { topic: 'upstream', text: `It was sent ${times(attempts)}.${first}${named}`, ...(rows === undefined ? {} : { rows }) };
}

const TRY_WORDS: Readonly<Record<string, string>> = {
  unreachable: 'could not be reached',
  reset: 'the connection was reset',
  first_byte_timeout: 'no answer in time',
  protocol: 'answered something that is no HTTP',
  aborted: 'cut short by the gateway',
};

function tryRow({ outcome, ms }: UpstreamTry, index: number): string {
  const how = typeof outcome === 'number' ? `answered ${outcome}` : (TRY_WORDS[outcome] ?? outcome);
  return `try ${index + 1}: ${how}, ${lasting(ms)} after the start`;
}

/** To a buyer without what was noted besides: that may name addresses of the operator's. */
export function endStep(entry: RequestEntry, listener: Listener = 'operator'): StoryStep {
  const sentences = [STATUS_WORDS[entry.status], answerWords(entry)];
  if (entry.errorCode !== null) sentences.push(`The reason is ${errorWords(entry.errorCode, listener)}.`);
  if (entry.errorCode !== null && entry.httpStatus !== 0 && toldNotToRetry(entry.errorCode)) sentences.push('Official clients were told not to try again.');
  // A refusal's message is told as the client's.
  if (listener === 'operator' && entry.status !== 'refused' && entry.detail?.message !== undefined) sentences.push(`Noted then: ${entry.detail.message}`);
  return { topic: 'end', text: sentences.join(' ') };
}

function answerWords({ httpStatus, durationMs }: RequestEntry): string {
  const answer = httpStatus === 0 ? 'The client was answered nothing' : `The client was answered HTTP ${httpStatus}`;
  return `${answer}; it took ${lasting(durationMs)} in all.`;
}

export function usageStep(entry: RequestEntry): StoryStep {
  const after = entry.detail?.outputTokensAfterDisconnect ?? 0;
  const late = after === 0 ? '' : ` ${counted(after, 'output token')} of it came after the client had left.`;
  return { topic: 'usage', text: `${SOURCE_WORDS[entry.usageSource]}${late}` };
}

export function flagsStep({ flags }: RequestEntry, listener: Listener = 'operator'): StoryStep | null {
  if (flags.length === 0) return null;
  return { topic: 'flags', text: 'What is unusual about it:', rows: flags.map((flag) => `${flag}: ${flagWords(flag, listener)}`) };
}

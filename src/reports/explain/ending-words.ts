/** The words for how a request ended, where its usage came from, and how its worst case was bounded. */
import type { RequestStatus } from '../../ledger/ledger.ts';
import type { QuoteBasis, UsageSource } from '../../tokens.ts';

export const STATUS_WORDS: Readonly<Record<RequestStatus, string>> = {
  completed: 'It completed: the whole answer went to the client, and its end only after the charge was on disk.',
  interrupted: 'It was interrupted: the answer broke off before its end, and only what had come until then counts.',
  client_left: 'The client left before the end of the answer.',
  upstream_error: 'The upstream answered with an error.',
  failed: 'It failed: nothing came back that could be passed on.',
  refused: 'It was refused before anything was held; nothing was forwarded and nothing charged.',
  recovered: 'The process that served it died; another one settled it from the progress that was on disk.',
};

export const SOURCE_WORDS: Readonly<Record<UsageSource, string>> = {
  reported: "The usage is the upstream's own final report.",
  drained: "The usage is the upstream's own final report, which was read on after the client had left.",
  estimated:
    "The usage is an estimate, for the upstream's final report never came: the input classes as it last reported them, and as output the text that was seen, at 3 bytes a token, never more than the request could produce.",
  recovered:
    'The usage is an estimate from the last progress on disk (at most some 5 s old): the input classes as reported by then, and as output the text that had come, at 3 bytes a token.',
  none: 'No usage was reported and nothing of an answer was relayed, so there is nothing to charge.',
};

export const BASIS_WORDS: Readonly<Record<QuoteBasis, string>> = {
  bytes: 'Its input was bounded by its size in bytes, for no tokenizer makes more tokens than there are bytes, plus what the upstream adds to every request.',
  count_tokens: "By its size in bytes it would not have fitted the balance, so the upstream's count_tokens was asked; its input was bounded by that count plus a margin.",
  window: 'Its input was bounded only by the whole context window of the model, for its size does not tell how much the upstream will read (documents, tools that run there, or a very long request).',
};

/** The story of one request in words, for an operator who answers a buyer's question. Read-only. */
import type { Db } from '../db/open.ts';
import { formatRequestId, type RequestId } from '../ids.ts';
import type { ReceiptDocument } from '../metering/receipt.ts';
import { printable } from '../printable.ts';
import { askedStep, holdSteps, pricesStep, routeStep, type Admission } from './explain/admission-steps.ts';
import { readSurroundings } from './explain/admission.ts';
import { cacheStep, chargeStep } from './explain/charge-steps.ts';
import { endStep, flagsStep, upstreamStep, usageStep } from './explain/ending-steps.ts';
import { endedFigures, openFigures, type Figures } from './explain/explanation-json.ts';
import { lasting, usdc } from './explain/figure-words.ts';
import { findOpenRequest, runningStep, type OpenRequestEntry } from './explain/open-request.ts';
import { balanceNowStep, nextCommand, refusalStep } from './explain/refusal-steps.ts';
import { told, type StoryStep } from './explain/story-step.ts';
import { ledgerStep } from './explain/ledger-step.ts';
import { wrapped } from './explain/wrapped.ts';
import { readReceipt, type ReceiptOutcome } from './receipt.ts';
import { readTransfers } from './request-transfers.ts';
import type { RequestEntry } from './requests.ts';

export interface Explanation {
  readonly requestId: RequestId;
  readonly state: 'ended' | 'refused' | 'running';
  /** One line, e.g. `completed, 0.004200 USDC`. */
  readonly summary: string;
  /** In the order of events. */
  readonly story: readonly StoryStep[];
  /** A command line that helps, or null. */
  readonly next: string | null;
  /** JSON-able. */
  readonly figures: Figures;
}

/** Null: there is no such request. `now` (Unix milliseconds) tells how long a running one has run. */
export function explainRequest(db: Db, id: RequestId, now: number = Date.now()): Explanation | null {
  // In one moment: a request that ends between two reads would be in neither table.
  return db.transaction(() => {
    const outcome = readReceipt(db, id);
    if (outcome.kind === 'notFound') {
      const open = findOpenRequest(db, id);
      return open === null ? null : explainOpen(db, open, now);
    }
    return explainEnded(db, outcome);
  })();
}

function explainOpen(db: Db, open: OpenRequestEntry, now: number): Explanation {
  const { admitted } = open;
  const admission: Admission = { admitted, around: readSurroundings(db, admitted) };
  const story = told([askedStep(admission), routeStep(admission), pricesStep(admission), ...holdSteps(admission, 0), runningStep(open, now)]);
  const summary = `running for ${lasting(Math.max(0, now - admitted.startedAt))}, ${usdc(admitted.hold)} held`;
  return { requestId: admitted.requestId, state: 'running', summary, story, next: null, figures: openFigures(open, admission) };
}

function explainEnded(db: Db, outcome: Exclude<ReceiptOutcome, { kind: 'notFound' }>): Explanation {
  const { entry } = outcome;
  const admission: Admission = { admitted: entry, around: readSurroundings(db, entry) };
  const refused = entry.status === 'refused';
  const receipt = refused || outcome.kind === 'unpriced' ? null : outcome.document;
  const transfers = outcome.kind === 'receipt' ? outcome.transfers : readTransfers(db, entry.requestId);
  const beginning = [askedStep(admission), refused ? routeStep(admission) : routeStep(admission, entry.responseModel), pricesStep(admission)];
  const middle = [...holdSteps(admission, entry.detail?.waitedMs ?? 0), upstreamStep(entry), endStep(entry)];
  const ending = refused ? [refusalStep(entry), balanceNowStep(entry, admission.around)] : [usageStep(entry), flagsStep(entry), ...chargeSteps(entry, receipt), ledgerStep(transfers)];
  return {
    requestId: entry.requestId,
    state: refused ? 'refused' : 'ended',
    summary: `${entry.status}, ${refused ? 'nothing was charged' : usdc(entry.charge)}`,
    story: told([...beginning, ...middle, ...ending]),
    next: nextCommand(entry),
    figures: endedFigures({ admission, entry, transfers, receipt }),
  };
}

/** Nothing was used: there is nothing to multiply. */
function chargeSteps(entry: RequestEntry, receipt: ReceiptDocument | null): (StoryStep | null)[] {
  return receipt === null || entry.usageSource === 'none' ? [] : [chargeStep(receipt), cacheStep(receipt)];
}

const TOPIC_WIDTH = 10;

/**
 * Plain lines, safe for a terminal, of at most `width` columns where words allow it: a heading, then the steps with
 * their topics in a column of their own.
 */
export function explainLines(explanation: Explanation, width: number = 100): string[] {
  const { requestId, summary, story, next } = explanation;
  const indent = ' '.repeat(TOPIC_WIDTH);
  const room = Math.max(24, width - TOPIC_WIDTH);
  const lines = [`${formatRequestId(requestId)}  ${summary}`, ''];
  for (const { topic, text, rows = [] } of story) {
    const [first = '', ...rest] = wrapped(printable(text), room);
    const below = rows.flatMap((row) => wrapped(printable(row), room - 4).map((line, part) => (part === 0 ? `  ${line}` : `    ${line}`)));
    lines.push(`${topic.padEnd(TOPIC_WIDTH)}${first}`, ...[...rest, ...below].map((line) => `${indent}${line}`));
  }
  if (next !== null) lines.push('', `${'next'.padEnd(TOPIC_WIDTH)}${printable(next)}`);
  return lines;
}

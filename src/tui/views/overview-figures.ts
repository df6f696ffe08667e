/** The overview in figures: charge against list cost, how requests do, what caching saved. */
import type { LiveOverview, LiveSnapshot } from '../../reports/live/snapshot.ts';
import { hitShare, marginOf, marginShare } from '../../reports/usage-json.ts';
import { balanceText, compactText, countText, durationText, errorShareOf, NONE, rateText, shareText } from '../figures.ts';
import { figure, flowLines } from '../flow.ts';
import type { Line, Span } from '../line.ts';
import { lineWidth, span } from '../line.ts';
import { ERROR_SHARE_HIGH } from './usage-columns.ts';

/** In as few lines as the width allows, each group on lines of its own unless the first two fit beside each other. */
export function overviewFigures(snapshot: LiveSnapshot | null, width: number): Line[] {
  const overview = snapshot?.overview ?? null;
  const known = (text: (figures: LiveOverview) => string | Span): string | Span => (overview === null ? NONE : text(overview));
  const money = [
    figure('charge', known(({ lastMinute }) => `${rateText(lastMinute.charge)}/min`)),
    figure('list', known(({ lastMinute }) => rateText(lastMinute.listCost))),
    figure('margin', known(marginSpan)),
  ];
  const requests = [
    perSecond(overview),
    figure('errors', known(errorsSpan)),
    figure('refused', known(({ lastMinute }) => `${countText(lastMinute.refused)}/min`)),
    figure('TTFB p50', known(({ timeToFirstByteP50Ms: p50, timeToFirstByteP95Ms: p95 }) => `${durationText(p50)} p95 ${durationText(p95)}`)),
  ];
  const caching = [
    figure('caching saved', known(({ lastMinute, today }) => savedSpan(lastMinute.cacheSaved, today.cacheSaved))),
    figure('hit share', known(({ lastMinute }) => shareText(hitShare(lastMinute)))),
    figure('writes never read', known(({ unreadWrites: { tokens, charge } }) => `${compactText(tokens)} tok = ${rateText(charge)} today`)),
    ...(snapshot === null || snapshot.timezone === 'UTC' ? [] : [figure('today since 00:00', snapshot.timezone)]),
  ];
  const beside = flowLines([...money, ...requests], width);
  const first = beside.length === 1 ? beside : [...flowLines(money, width), ...flowLines(requests, width)];
  return [...first, ...flowLines(caching, width)].filter((line) => lineWidth(line) > 0);
}

function perSecond(overview: LiveOverview | null): Line {
  const rate = overview?.requestsPerSecond ?? 0;
  return [span(overview === null ? NONE : rate > 0 && rate < 100 ? perSecondText(rate) : countText(rate)), span(' req/s', 'faint')];
}

const perSecondText = (rate: number): string => (rate < 0.05 ? '<0.1' : rate.toFixed(1));

function marginSpan({ lastMinute }: LiveOverview): Span {
  const margin = marginOf(lastMinute);
  const text = `${rateText(margin)} (${shareText(marginShare(lastMinute))})`;
  return margin < 0n ? span(`${text} !`, 'warning') : span(text);
}

function errorsSpan({ lastMinute }: LiveOverview): Span {
  const share = errorShareOf(lastMinute);
  return span(shareText(share), (share ?? 0) > ERROR_SHARE_HIGH ? 'problem' : 'plain');
}

function savedSpan(minute: bigint, today: bigint): Span {
  return span(`${rateText(minute)}/min, ${balanceText(today)} today`, today < 0n ? 'warning' : 'plain');
}

/** What happened to a request, beside its receipt. */
import type { ReactNode } from 'react';
import type { RequestDetail } from '../../api/schemas/usage.ts';
import { duration, tokens } from '../format.ts';
import { Facts, Time, Usdc } from './figures.tsx';
import { Tag } from './notices.tsx';
import { Panel } from './page.tsx';

export function RequestFacts({ detail, more = [] }: { readonly detail: RequestDetail; readonly more?: readonly (readonly [string, ReactNode])[] }): ReactNode {
  const { request } = detail;
  const facts: (readonly [string, ReactNode])[] = [
    ['Request', <code key="id">{request.requestId}</code>],
    ...more,
    ['Key', `${request.keyLabel} (${request.keyId})`],
    ['Route', request.route ?? '—'],
    ['Model', detail.responseModel !== null && detail.responseModel !== request.model ? `${request.model ?? '—'}, answered by ${detail.responseModel}` : (request.model ?? '—')],
    ['Started', <Time key="started" at={request.startedAt} />],
    ['Settled', <Time key="settled" at={detail.settledAt} />],
    ['Duration', `${duration(request.durationMs)}${request.timeToFirstByteMs === null ? '' : `, first byte after ${duration(request.timeToFirstByteMs)}`}`],
    ['Answer', detail.running ? 'running' : `HTTP ${request.httpStatus}${request.errorCode === null ? '' : `, ${request.errorCode}`}`],
    ['Counts from', sourceWords(request.usageSource)],
    ['Held', <Usdc key="held" micros={detail.holdUsdMicros} digits={6} />],
    ['Released', <Usdc key="released" micros={detail.releasedUsdMicros} digits={6} />],
  ];
  if (detail.excessUsdMicros !== null && detail.excessUsdMicros > 0) facts.push(['Beyond the hold', <Usdc key="excess" micros={detail.excessUsdMicros} digits={6} />]);
  if (detail.waitedMs > 0) facts.push(['Waited for money', duration(detail.waitedMs)]);
  if (detail.outputTokensAfterDisconnect !== null) facts.push(['Output after the client left', `${tokens(detail.outputTokensAfterDisconnect)} tokens`]);
  if (request.flags.length > 0) facts.push(['Flags', <span key="flags">{request.flags.map((flag) => <Tag key={flag}>{flag.replaceAll('_', ' ')}</Tag>)}</span>]);
  return (
    <Panel title="Request">
      <Facts facts={facts} />
    </Panel>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  reported: 'the model’s own report',
  drained: 'the model’s own report, after the client left',
  estimated: 'an estimate: no final report came',
  recovered: 'what was known when a process ended',
  none: 'nothing was used',
};
const sourceWords = (source: string): string => SOURCES[source] ?? source;

/** The story of the request in paragraphs. */
export function Explanation({ detail }: { readonly detail: RequestDetail }): ReactNode {
  if (detail.explanation.length === 0) return null;
  return (
    <Panel title="What happened">
      <dl className="story">
        {detail.explanation.map(({ topic, text }, at) => (
          <div key={`${topic}-${at}`}>
            <dt>{topic}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

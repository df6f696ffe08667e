/** What is measured through HTTP: four kinds of request, each at three numbers in flight, and where they must come out. */
import { agentBody, SMALL_BODY, SMALL_STREAM_BODY } from './request-bodies.ts';
import { EVENT_COUNT } from './canned-responses.ts';

export interface Cell {
  readonly name: string;
  readonly inFlight: number;
  readonly body: Buffer;
  readonly stream: boolean;
  /** Milliseconds between two events of one stream. */
  readonly tickMs: number;
  /** The most that CPU per request may be, as a multiple of the bare proxy's; null: no target. */
  readonly cpuRatioMax: number | null;
  /** The added p99 has a target here. */
  readonly latencyTarget: boolean;
}

const IN_FLIGHT = [1, 32, 64];
/** Events a second that the stub sends in all, so that neither proxy falls behind and finds several in one read. */
const EVENTS_PER_SECOND = 24_000;

const json = (name: string, body: Buffer, cpuRatioMax: (inFlight: number) => number | null): Cell[] =>
  IN_FLIGHT.map((inFlight) => ({
    name,
    inFlight,
    body,
    stream: false,
    tickMs: 0,
    cpuRatioMax: cpuRatioMax(inFlight),
    latencyTarget: inFlight === 64 && body === SMALL_BODY,
  }));

export function createCells(): readonly Cell[] {
  const kilobytes = (body: Buffer) => `${Math.round(body.length / 1000)} kB body`;
  const middle = agentBody(50_000);
  const large = agentBody(300_000);
  return [
    ...json('small JSON', SMALL_BODY, (inFlight) => (inFlight === 1 ? null : 1.5)),
    ...IN_FLIGHT.map((inFlight) => ({
      name: `${EVENT_COUNT}-event stream`,
      inFlight,
      body: SMALL_STREAM_BODY,
      stream: true,
      tickMs: Math.ceil((inFlight * 1000) / EVENTS_PER_SECOND),
      cpuRatioMax: inFlight === 1 ? null : 1.2,
      latencyTarget: false,
    })),
    ...json(kilobytes(middle), middle, (inFlight) => (inFlight === 1 ? null : 2.5)),
    ...json(kilobytes(large), large, () => null),
  ];
}

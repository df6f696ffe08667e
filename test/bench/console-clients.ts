/** The process of the pages that people have open: event streams that are read, and figures that are asked for each second. */
import * as http from 'node:http';
import * as os from 'node:os';
import { answerParent } from './bench-child.ts';

export interface OpenPages {
  readonly kind: 'open';
  readonly port: number;
  /** Tokens of buyers' sessions, one page each, and of admins'. */
  readonly buyers: readonly string[];
  readonly admins: readonly string[];
}
export interface ClosePages {
  readonly kind: 'close';
}
export interface PagesResult {
  readonly polls: number;
  readonly events: number;
  /** The first failure's words. */
  readonly failure: string | null;
}

const POLLED = ['/buyer/usage?by=hour&since=24h', '/buyer/requests?limit=20', '/buyer/me'];
const POLL_EVERY_MS = 1_000;

let polls = 0;
let events = 0;
let failure: string | null = null;
let agent = new http.Agent();
let timers: NodeJS.Timeout[] = [];
let streams: http.ClientRequest[] = [];

function get({ port, path, token, onData, onStart }: { port: number; path: string; token: string; onData?: (chunk: Buffer) => void; onStart?: () => void }): http.ClientRequest {
  const request = http.get({ host: '127.0.0.1', port, path, agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
    if (response.statusCode !== 200) failure ??= `${path} was answered with ${response.statusCode}`;
    onStart?.();
    if (onData) response.on('data', onData);
    else response.resume().once('end', () => polls++);
    response.on('error', () => undefined);
  });
  return request.on('error', (error) => {
    if (!request.destroyed) failure ??= `${path}: ${error.message}`;
  });
}

function stream(port: number, path: string, token: string): Promise<void> {
  return new Promise((resolve) => streams.push(get({ port, path, token, onStart: resolve, onData: (chunk) => void (events += chunk.toString('latin1').split('event: ').length - 1) })));
}

/** Answers when all streams have begun. Polls are spread over the second. */
async function open({ port, buyers, admins }: OpenPages): Promise<PagesResult> {
  [polls, events, failure] = [0, 0, null];
  agent = new http.Agent({ keepAlive: true });
  await Promise.all([...buyers.map((token) => stream(port, '/buyer/events', token)), ...admins.map((token) => stream(port, '/admin/events', token))]);
  const asked = buyers.flatMap((token) => POLLED.map((path) => ({ path, token })));
  let next = 0;
  timers = [setInterval(() => get({ port, ...(asked[next++ % asked.length] as (typeof asked)[number]) }), POLL_EVERY_MS / asked.length)];
  return { polls, events, failure };
}

function close(): PagesResult {
  for (const timer of timers) clearInterval(timer);
  for (const request of streams) request.destroy();
  streams = [];
  agent.destroy();
  return { polls, events, failure };
}

// Real ones run on machines of their own.
os.setPriority(19);
answerParent<OpenPages | ClosePages>({ port: 0 }, (order) => (order.kind === 'open' ? open(order) : close()));

/** The process of the pages that people have open: event streams that are read, and figures that are asked for as the pages do. */
import * as http from 'node:http';
import * as os from 'node:os';
import { answerParent } from './bench-child.ts';

export interface OpenPages {
  readonly kind: 'open';
  readonly port: number;
  /** Tokens of buyers' sessions, one page each, and of admins'. */
  readonly buyers: readonly string[];
  readonly admins: readonly string[];
  /** Milliseconds between a program's questions, which each buyer runs besides; null: none do. */
  readonly programsEveryMs: number | null;
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

/** What a program would ask for. */
const PROGRAMS_ASK = ['/buyer/usage?by=hour&since=24h', '/buyer/requests?limit=20', '/buyer/me'];

interface Page {
  readonly events: string;
  /** Asked for when the page opens. */
  readonly first: readonly string[];
  /** Asked for again so often; of a buyer's page while `usage` events come. */
  readonly again: string;
  readonly everyMs: number;
}
/** The overviews, as src/console has them: use-buyer-events.ts (USAGE_EVERY_MS) and the two usage-panel.tsx. Under load a buyer's page hears of usage each second. */
const BUYER: Page = { events: '/buyer/events', first: ['/buyer/me', '/buyer/usage?by=hour&since=24h', '/buyer/requests?limit=8'], again: '/buyer/usage?by=hour&since=24h', everyMs: 10_000 };
const ADMIN: Page = { events: '/admin/events', first: ['/admin/me', '/admin/usage?by=hour&since=24h'], again: '/admin/usage?by=hour&since=24h', everyMs: 30_000 };

let polls = 0;
let events = 0;
let failure: string | null = null;
let agent = new http.Agent();
let timers: NodeJS.Timeout[] = [];
let streams: http.ClientRequest[] = [];

interface Asked {
  readonly port: number;
  readonly path: string;
  readonly token: string;
}

function get({ port, path, token }: Asked, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
  const request = http.get({ host: '127.0.0.1', port, path, agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
    if (response.statusCode !== 200) failure ??= `${path} was answered with ${response.statusCode}`;
    onResponse(response.on('error', () => undefined));
  });
  return request.on('error', (error) => {
    if (!request.destroyed) failure ??= `${path}: ${error.message}`;
  });
}

function poll(asked: Asked): void {
  get(asked, (response) => void response.resume().once('end', () => polls++));
}

const opened = (asked: Asked): Promise<void> => new Promise((resolve) => get(asked, (response) => void response.resume().once('close', resolve)).once('error', () => resolve()));

function stream(asked: Asked): Promise<void> {
  return new Promise((resolve) => {
    const request = get(asked, (response) => {
      resolve();
      response.on('data', (chunk: Buffer) => void (events += chunk.toString('latin1').split('event: ').length - 1));
    });
    streams.push(request.once('error', () => resolve()));
  });
}

/** Pages were opened at different times: what they repeat is spread evenly. */
async function openAll(page: Page, port: number, tokens: readonly string[]): Promise<void> {
  await Promise.all(tokens.map((token) => stream({ port, path: page.events, token })));
  await Promise.all(tokens.flatMap((token) => page.first.map((path) => opened({ port, path, token }))));
  let next = 0;
  timers.push(setInterval(() => poll({ port, path: page.again, token: tokens[next++ % tokens.length]! }), page.everyMs / tokens.length));
}

/** Answers when all pages have their first figures. What opening them takes is no part of what is counted. */
async function open({ port, buyers, admins, programsEveryMs }: OpenPages): Promise<PagesResult> {
  failure = null;
  agent = new http.Agent({ keepAlive: true });
  timers = [];
  await openAll(BUYER, port, buyers);
  await openAll(ADMIN, port, admins);
  if (programsEveryMs !== null) {
    const asked = buyers.flatMap((token) => PROGRAMS_ASK.map((path) => ({ path, token })));
    let next = 0;
    timers.push(setInterval(() => poll({ port, ...asked[next++ % asked.length]! }), programsEveryMs / asked.length));
  }
  [polls, events] = [0, 0];
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

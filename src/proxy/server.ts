/** The data plane's HTTP server: limits, routing, draining. */
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { GatewayError } from '../errors.ts';
import { formatRequestId } from '../ids.ts';
import { notFound } from './admit.ts';
import { ClientGone } from './body.ts';
import { answerClientError } from './client-error.ts';
import type { Deps } from './deps.ts';
import { exchange } from './exchange.ts';
import { countTokens, listModels, type FreeInFlight } from './free.ts';
import { readHeaders, type Inbound } from './headers.ts';
import { HostGuard } from './host-guard.ts';
import { dropBody } from '../linger.ts';
import { descriptorOf, listenOn } from '../listening-socket.ts';
import { sendEmpty, sendError, sendJson } from './respond.ts';
import { Roster, type Seated } from '../roster.ts';
import { NONE, route } from './routing.ts';
import { Running } from './running.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** A listening socket to take instead of opening one. */
  readonly fd?: number | null;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly connectionsMax: number;
  /** What else is served on this listener. */
  readonly control?: Control | null;
  /** `control`: the data plane's own paths do not exist here. Default `all`. */
  readonly serves?: 'all' | 'control';
}

/** Whatever answers the paths that no route can have. */
export interface Control {
  /** Whether a raw request target is its own. */
  handles(target: string): boolean;
  /** Resolves when the response is over. Does not reject. */
  handle(req: http.IncomingMessage, res: http.ServerResponse): Promise<void>;
}

export interface ProxyServer {
  readonly address: { readonly host: string; readonly port: number };
  figures(): Promise<ServerFigures>;
  /** Of the listening socket, to be passed to a child; null when the runtime does not tell it. */
  descriptor(): number | null;
  /** Requests that have no whole answer yet. */
  unanswered(): number;
  /** Stops accepting; resolves when every running request has ended. */
  drain(): Promise<void>;
  /**
   * Stops accepting, for a successor accepts on the same socket. A connection that is open may bring one more request,
   * whose answer is its last; an idle one ends at its keep-alive time. Resolves when none is left.
   */
  handOff(): Promise<void>;
  /** Cuts what still runs: `event: error`, partial charges. Resolves when all of it is settled. */
  cut(): Promise<void>;
}

/** What a server does at a moment. */
export interface ServerFigures {
  readonly connections: number;
  /** Connections that were closed as they came, for there were `connectionsMax`; since the start. */
  readonly connectionsDropped: number;
  /** Requests whose answer has not ended, those that are being read included. */
  readonly answering: number;
  /** Those of them that have a hold and are not settled or not sent. */
  readonly delivering: number;
}

const LIMITS: http.ServerOptions = {
  // A trickle of headers is closed within 10 s; the check runs every second, for on its own it comes after half a minute.
  headersTimeout: 8_000,
  connectionsCheckingInterval: 1_000,
  requestTimeout: 300_000,
  // Longer than clients keep idle connections, so that the client closes first and no request meets a closing socket.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32 * 1024,
  // Node's own refusal has no body; ours comes from readHeaders.
  requireHostHeader: false,
};

export async function openProxyServer(deps: Deps, options: ServerOptions): Promise<ProxyServer> {
  const state = new ServerState(deps, options);
  const server = options.tls ? https.createServer({ ...LIMITS, ...options.tls }) : http.createServer(LIMITS);
  server.maxConnections = options.connectionsMax;
  let connectionsDropped = 0;
  server.on('drop', () => connectionsDropped++);
  server.on('request', (req, res) => state.handle(req, res));
  server.on('checkContinue', (req, res) => state.handle(req, res));
  // Any other expectation is refused like what else is wrong with the headers, not by Node's empty 417.
  server.on('checkExpectation', (req, res) => state.handle(req, res));
  server.on('clientError', (error, socket: net.Socket) => answerClientError(error, socket, state.newId()));
  await listenOn(server, options);
  const { address, port } = server.address() as net.AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    address: { host: address, port },
    async figures() {
      const connections = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));
      return { connections, connectionsDropped, answering: state.unanswered, delivering: state.running.size };
    },
    drain() {
      state.draining = true;
      server.close();
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      return state
        .idle()
        .then(() => {
          setTimeout(() => server.closeAllConnections(), 1_000).unref();
          return closed;
        })
        .finally(() => clearInterval(idle));
    },
    descriptor: () => descriptorOf(server),
    unanswered: () => state.unanswered,
    handOff() {
      state.endConnections();
      // Not the server's own close(): that closes idle connections, and a client may be sending on one this very moment.
      net.Server.prototype.close.call(server);
      return closed;
    },
    async cut() {
      await state.running.cut(new Error('the gateway is stopping'));
      state.dropUnanswered();
      await state.idle();
    },
  };
}

/** Node keeps a response for each pipelined request until its turn. */
const TURNED_AWAY_MAX = 100;

interface Unanswered extends Seated {
  readonly res: http.ServerResponse;
}

class ServerState {
  draining = false;
  /** Every answer is the last of its connection. */
  #lastAnswers = false;
  readonly running = new Running();
  readonly #unanswered = new Roster<Unanswered>();
  #deps: Deps;
  #freeInFlight: FreeInFlight = new Map();
  /** Connections from which no request is taken any more, and how many have come all the same. */
  readonly #distrusted = new WeakMap<net.Socket, number>();
  readonly #hosts: HostGuard;
  readonly #control: Control | null;
  readonly #serves: 'all' | 'control';
  #whenIdle: (() => void)[] = [];

  constructor(deps: Deps, { control = null, serves = 'all' }: Pick<ServerOptions, 'control' | 'serves'>) {
    this.#deps = deps;
    this.#hosts = new HostGuard(deps.log);
    this.#control = control;
    this.#serves = serves;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Whoever is answered from now on comes back on a connection of the successor's. */
  endConnections(): void {
    this.#lastAnswers = true;
    for (const { res } of this.#unanswered.members()) if (!res.headersSent) res.shouldKeepAlive = false;
  }

  idle(): Promise<void> {
    return this.#unanswered.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Requests that are being read, or wait for money or a count: nothing is held for them. */
  dropUnanswered(): void {
    for (const { res } of this.#unanswered.members()) if (!res.writableEnded) res.destroy();
  }

  handle(req: http.IncomingMessage, res: http.ServerResponse): void {
    // A response has its socket from the start unless another is due before it.
    if (res.socket === null || this.#distrusted.has(req.socket)) return this.#turnAway(req, res);
    if (this.#lastAnswers) res.shouldKeepAlive = false;
    const unanswered = { seat: -1, res };
    this.#unanswered.add(unanswered);
    this.#answer(req, res)
      .catch((error: unknown) => this.#refuse(res, error))
      .finally(() => {
        this.#unanswered.remove(unanswered);
        if (this.#unanswered.size > 0) return;
        for (const resolve of this.#whenIdle.splice(0)) resolve();
      });
  }

  /**
   * One request at a time per connection, as real clients send them. A pipelined one could hide that its client left, and
   * let one connection have any number of requests in flight: it is not begun, and the connection ends after the answer before.
   */
  #turnAway(req: http.IncomingMessage, res: http.ServerResponse): void {
    const { socket } = req;
    const before = this.#distrusted.get(socket) ?? 0;
    this.#distrusted.set(socket, before + 1);
    if (before >= TURNED_AWAY_MAX) return socket.destroySoon();
    // Its turn to be answered has come.
    res.once('socket', () => socket.destroySoon());
    // Read on, for Node sees a client leave only while it reads.
    dropBody(req, () => socket.destroySoon());
  }

  async #answer(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    res.on('error', ignore);
    const inbound = this.#headersOf(req, res);
    const endpoint = this.#serves === 'control' ? NONE : route(req.method ?? '', req.url ?? '');
    // Asked only where no endpoint was found, or a HEAD took the name of a page for a route's: requests to models do not pay for it.
    const control = (endpoint.kind === 'none' || endpoint.kind === 'hello') && this.#control?.handles(req.url ?? '') ? this.#control : null;
    if ((endpoint.kind === 'none' && !control) || !this.#hosts.allows(inbound.host, this.#deps.settings.hosts)) throw notFound();
    if (control) return await control.handle(req, res);
    if (this.draining) {
      res.shouldKeepAlive = false;
      throw new GatewayError('shutting_down', 'The gateway is stopping; try again in a moment.', { retryAfterSeconds: 1 });
    }
    switch (endpoint.kind) {
      case 'messages':
        return await exchange(this.#deps, this.running, { req, res, inbound, alias: endpoint.alias, query: endpoint.query });
      case 'countTokens':
        return await countTokens(this.#deps, this.#freeInFlight, { req, res, inbound, ...endpoint, publicId: this.newId() });
      case 'models':
        return listModels(this.#deps, { res, inbound, ...endpoint, modelId: null, publicId: this.newId() });
      case 'model':
        return listModels(this.#deps, { res, inbound, ...endpoint, query: '', publicId: this.newId() });
      case 'hello':
        return sendEmpty(res);
      case 'healthz':
        return sendJson(res, { status: 'ok' }, this.newId());
      case 'readyz': {
        const ready = await this.#deps.ledger.writable();
        return sendJson(res, { status: ready ? 'ready' : 'database not writable' }, this.newId(), ready ? 200 : 503);
      }
    }
  }

  /** Where a request's framing is in doubt, so is where the next one begins: nothing more is taken from its connection. */
  #headersOf(req: http.IncomingMessage, res: http.ServerResponse): Inbound {
    try {
      return readHeaders(req.rawHeaders, req.httpVersion);
    } catch (error) {
      this.#distrusted.set(req.socket, 0);
      res.shouldKeepAlive = false;
      throw error;
    }
  }

  newId(): string {
    return formatRequestId(this.#deps.newRequestId());
  }

  #refuse(res: http.ServerResponse, error: unknown): void {
    if (error instanceof ClientGone) return;
    const publicId = this.newId();
    if (error instanceof GatewayError) return sendError(res, error, publicId);
    this.#deps.log.error('alert_exchange_failed', { requestId: publicId, error: String((error as Error).stack ?? error) });
    sendError(res, new GatewayError('internal', 'The gateway failed to handle this request.'), publicId);
  }
}

function ignore(): void {
  // A response to a client that has left; its exchange hears of it by `close`.
}

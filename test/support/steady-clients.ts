/** Clients that ask again and again, on connections that they keep or open anew, and never repeat a request that failed. */
import * as http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ClientKind {
  readonly name: string;
  readonly count: number;
  readonly stream: boolean;
  /** `kept`: a connection is used again while it lives; `fresh`: one for each request. */
  readonly connections: 'kept' | 'fresh';
  /** Each waits up to so long between two requests, so that connections idle. */
  readonly pauseMsMax: number;
}

export interface SteadyTarget {
  readonly port: number;
  readonly path: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
}

export interface SteadyResult {
  /** Ids of requests that were answered wholly. */
  readonly completed: readonly string[];
  /** Whatever else became of a request, in words. */
  readonly failures: readonly string[];
  /** Of what was answered: milliseconds from asking to the end of the answer, in the order of their ends. */
  readonly latencies: readonly number[];
  /** The longest time in which nothing was answered. */
  readonly longestGapMs: number;
}

export interface SteadyClients {
  readonly completed: () => number;
  /** Lets requests under way end, and closes the connections. */
  stop(): Promise<SteadyResult>;
}

/** Nobody knocks at a closed door without a pause. */
const FAILED_PAUSE_MS = 100;

export function startSteadyClients(target: SteadyTarget, kinds: readonly ClientKind[]): SteadyClients {
  const completed: string[] = [];
  const failures: string[] = [];
  const latencies: number[] = [];
  let [lastEndAt, longestGapMs] = [performance.now(), 0];
  let stopped = false;
  const agents: http.Agent[] = [];

  async function client(kind: ClientKind): Promise<void> {
    const agent = kind.connections === 'kept' ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
    if (agent) agents.push(agent);
    while (!stopped) {
      const startedAt = performance.now();
      try {
        completed.push(await ask(target, kind.stream, agent ?? false));
        const now = performance.now();
        latencies.push(now - startedAt);
        longestGapMs = Math.max(longestGapMs, now - lastEndAt);
        lastEndAt = now;
      } catch (error) {
        failures.push(`${kind.name}: ${(error as Error).message}`);
        await sleep(FAILED_PAUSE_MS);
      }
      if (kind.pauseMsMax > 0) await sleep(Math.random() * kind.pauseMsMax);
    }
  }

  const running = kinds.flatMap((kind) => Array.from({ length: kind.count }, () => client(kind)));
  return {
    completed: () => completed.length,
    async stop() {
      stopped = true;
      await Promise.all(running);
      for (const agent of agents) agent.destroy();
      return { completed, failures, latencies, longestGapMs };
    },
  };
}

/** Resolves with the request's id when its answer has come whole. */
function ask({ port, path, key, model, prompt }: SteadyTarget, stream: boolean, agent: http.Agent | false): Promise<string> {
  const body = JSON.stringify({ model, max_tokens: 200, ...(stream ? { stream } : {}), messages: [{ role: 'user', content: prompt }] });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length, 'x-api-key': key, 'anthropic-version': '2023-06-01' };
    const req = http.request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.once('error', reject);
      res.once('close', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const whole = res.complete && res.statusCode === 200 && text.includes(stream ? 'event: message_stop' : '"stop_reason"');
        if (whole) resolve(String(res.headers['x-ainogap-request-id']));
        else reject(new Error(`status ${res.statusCode}, ${res.complete ? 'whole' : 'broken off'}: ${text.slice(0, 200)}`));
      });
    });
    req.once('error', (error: NodeJS.ErrnoException) => reject(new Error(`${error.code ?? error.message}${req.reusedSocket ? ' on a kept connection' : ''}`)));
    req.end(body);
  });
}

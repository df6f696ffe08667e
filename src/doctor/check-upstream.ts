/** One upstream, by the way that requests take: a connection, the credential, and one `count_tokens`, which is free of charge. */
import * as path from 'node:path';
import type { IncomingHttpHeaders } from 'node:http';
import { resolveSecret, secretPlace, type AnthropicUpstreamConfig, type UpstreamConfig } from '../config.ts';
import { openAnySchema } from '../db/open.ts';
import { createPriceBook } from '../metering/price-book.ts';
import { listRoutes } from '../registry/routes.ts';
import { openAnthropicUpstream } from '../upstreams/anthropic.ts';
import type { UpstreamFailure } from '../upstreams/upstream.ts';
import type { Patient } from './examine.ts';
import { ok, problem, spanText, warning, type Finding } from './finding.ts';

const ANSWER_MS = 10_000;
const BYTES_MAX = 65_536;
/** A Date header has whole seconds, and an answer takes its time. */
const SKEW_MS = 30_000;

export async function checkUpstream(upstream: UpstreamConfig, patient: Patient): Promise<Finding[]> {
  const check = `upstream ${upstream.name}`;
  if (upstream.kind === 'simulator') return [ok(check, 'is the simulator: it has no network to fail')];
  const credential = credentialOf(upstream, patient);
  if (credential === null) return [warning(check, 'was not asked, for its credential is not there', 'ainogap doctor')];
  const model = modelOf(upstream.name, patient);
  const began = performance.now();
  const answer = await countTokens(upstream, credential, model);
  const tookMs = Math.round(performance.now() - began);
  if (answer.kind === 'failed') return [unreachable(check, upstream, answer.failure)];
  return [judge(check, answer, { upstream, model, tookMs }), ...skew(check, answer.headers, patient.now())];
}

function credentialOf(upstream: AnthropicUpstreamConfig, { config, env }: Patient): string | null {
  try {
    return resolveSecret(upstream.credential, config.file === null ? process.cwd() : path.dirname(config.file), env);
  } catch {
    return null;
  }
}

/** One that a route sends there; else the first of the price book. */
function modelOf(name: string, { config }: Patient): string {
  const first = createPriceBook(config.models).models[0]?.id ?? '';
  let db;
  try {
    db = openAnySchema(config.database, 'read');
    const route = listRoutes(db).find(({ upstream }) => upstream === name);
    return route?.card.card.models[0]?.id ?? first;
  } catch {
    return first;
  } finally {
    db?.close();
  }
}

type Answer = { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string } | { readonly kind: 'failed'; readonly failure: UpstreamFailure };

async function countTokens(config: AnthropicUpstreamConfig, credential: string, model: string): Promise<Answer> {
  const { name, kind, baseUrl, credentialHeader, limits } = config;
  const upstream = openAnthropicUpstream({ name, kind, baseUrl, credential, credentialHeader, connectTimeoutMs: Math.min(limits.connectTimeoutMs, ANSWER_MS) });
  try {
    return await new Promise<Answer>((resolve) => {
      const chunks: Buffer[] = [];
      let status = 0;
      let headers: IncomingHttpHeaders = {};
      const cut = upstream.dispatch(
        {
          method: 'POST',
          path: '/v1/messages/count_tokens',
          headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'accept-encoding': 'identity' },
          body: Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })),
          firstByteTimeoutMs: ANSWER_MS,
          idleTimeoutMs: ANSWER_MS,
        },
        {
          onStart: (startStatus, startHeaders) => {
            status = startStatus;
            headers = startHeaders;
          },
          onData: (chunk) => {
            chunks.push(chunk);
            if (chunks.reduce((sum, { length }) => sum + length, 0) > BYTES_MAX) cut(new Error('the answer is too large'));
          },
          onEnd: () => resolve({ kind: 'answered', status, headers, body: Buffer.concat(chunks).toString('utf8') }),
          onFailure: (failure) => resolve({ kind: 'failed', failure }),
        },
      );
    });
  } finally {
    await upstream.close();
  }
}

function unreachable(check: string, { baseUrl }: AnthropicUpstreamConfig, { kind, error }: UpstreamFailure): Finding {
  const { origin, hostname } = new URL(baseUrl);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return problem(check, `the name ${hostname} cannot be resolved (${code})`, `getent hosts ${hostname}`);
  if (/CERT|SSL|TLS|ISSUER|SIGNATURE/.test(code)) return problem(check, `TLS with ${origin} fails (${code}): the clock, a proxy in between, or missing root certificates`, `curl -v ${origin}`);
  if (kind === 'first_byte_timeout' || kind === 'idle_timeout') return problem(check, `${origin} was connected to and did not answer within ${ANSWER_MS / 1000} s`, `curl -v ${origin}`);
  return problem(check, `${origin} cannot be reached (${code === '' ? kind : code})`, `curl -v ${origin}`);
}

interface Asked {
  readonly upstream: AnthropicUpstreamConfig;
  readonly model: string;
  readonly tookMs: number;
}

/** Of the answer's words only its type is told: an upstream may repeat what it was sent. */
function judge(check: string, { status, body }: Extract<Answer, { kind: 'answered' }>, { upstream, model, tookMs }: Asked): Finding {
  const { origin } = new URL(upstream.baseUrl);
  const type = errorType(body);
  const said = `${status}${type === null ? '' : ` ${type}`}`;
  if (status === 200 && hasCount(body)) return ok(check, `${origin} answers in ${tookMs} ms and takes the credential`);
  if (status === 401 || status === 403) return problem(check, `${origin} refuses the credential (${said})`, `look at ${secretPlace(upstream.credential)}`);
  if (status >= 300 && status < 400) return problem(check, `${origin} redirects (${status}), and redirects are never followed`, 'edit base_url in the configuration');
  if (status === 404) return warning(check, `${origin} is reached, but has no count_tokens for ${model} (${said}); a balance that is short is then refused without a closer look`, 'look at base_url in the configuration, and at the models of its routes');
  if (status === 429) return warning(check, `${origin} takes the credential and limits it at this moment (${said})`, 'ainogap doctor');
  return warning(check, `${origin} is reached and answers ${status === 200 ? 'something else than a count of tokens' : said}`, `curl -v ${origin}`);
}

function errorType(body: string): string | null {
  const type = (parsed(body)?.['error'] as { readonly type?: unknown } | undefined)?.type;
  return typeof type === 'string' && /^[a-z_]{1,40}$/.test(type) ? type : null;
}

const hasCount = (body: string): boolean => Number.isSafeInteger(parsed(body)?.['input_tokens']);

function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function skew(check: string, { date }: IncomingHttpHeaders, now: number): Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs) || Math.abs(theirs - now) < SKEW_MS) return [];
  return [warning('clock', `it ${theirs > now ? 'runs behind' : 'is ahead of'} the one of ${check} by ${spanText(theirs - now)}`, 'timedatectl status')];
}

/** Mistakes that no single key shows. They look at the plain values, so that they are found beside all others. */
import * as net from 'node:net';
import { BUILT_IN_MODELS } from '../metering/price-book.ts';
import type { YamlMistake, YamlPath, YamlValue } from './read-yaml.ts';
import { address, duration, isLoopback } from './scalars.ts';
import { isKnownKeyShape, shown } from './secret-shape.ts';

export type Mistake = Omit<YamlMistake, 'line'>;
type YamlMap = { readonly [key: string]: YamlValue };

const UPSTREAM_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export const CREDENTIAL_IN_FILE =
  'holds a credential. Name its place instead (credential: env:NAME, file:PATH or credential:NAME), and replace the one that stood here';

export function asMap(value: YamlValue | undefined): YamlMap | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype
    ? (value as YamlMap)
    : null;
}

export function crossChecks(root: YamlMap): Mistake[] {
  return [...upstreamMistakes(root), ...modelMistakes(root), ...proxyMistakes(root), ...timezoneMistakes(root), ...consoleMistakes(root), ...tracingMistakes(root), ...metricsMistakes(root), ...credentialMistakes(root, [])];
}

function upstreamMistakes(root: YamlMap): Mistake[] {
  const upstreams = asMap(root.upstreams);
  const example = 'anthropic: {kind: anthropic, base_url: https://api.anthropic.com, credential: env:ANTHROPIC_API_KEY}';
  if (!upstreams || Object.keys(upstreams).length === 0)
    return [{ path: ['upstreams'], message: `must name at least one upstream, for example ${example}` }];
  return Object.entries(upstreams).flatMap(([name, value]) => {
    const path = ['upstreams', name];
    const named: Mistake[] = UPSTREAM_NAME.test(name) ? [] : [{ path, message: 'a name has 1 to 64 of a-z, 0-9, - and _' }];
    return [...named, ...baseUrlMistakes(asMap(value), [...path, 'base_url'])];
  });
}

function baseUrlMistakes(upstream: YamlMap | null, path: YamlPath): Mistake[] {
  const url = upstream?.base_url;
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const { protocol, hostname, pathname } = new URL(url);
  const mistakes: Mistake[] = [];
  if (protocol === 'http:' && !isLoopback(hostname) && upstream?.insecure_http !== true)
    mistakes.push({ path, message: 'http:// sends the credential unencrypted; use https://, or allow it with insecure_http: true' });
  if (/\/v1\/?$/.test(pathname)) mistakes.push({ path, message: 'must not end in /v1, which is added to it' });
  return mistakes;
}

/** Every id and other name means one model. */
function modelMistakes(root: YamlMap): Mistake[] {
  const mistakes: Mistake[] = [];
  const models: readonly YamlValue[] = Array.isArray(root.models) ? root.models : [];
  const seen = builtInNames(new Set(models.map((model) => asMap(model)?.id)));
  models.forEach((value, index) => {
    const model = asMap(value);
    const aliases: readonly YamlValue[] = Array.isArray(model?.aliases) ? model.aliases : [];
    const names: [YamlPath, YamlValue | undefined][] = [[['models', index, 'id'], model?.id]];
    aliases.forEach((alias, position) => names.push([['models', index, 'aliases', position], alias]));
    for (const [path, name] of names) {
      if (typeof name !== 'string') continue;
      const first = seen.get(name);
      if (first !== undefined) mistakes.push({ path, message: `${shown(name)} is named already, by ${first}` });
      else seen.set(name, path.join('.'));
    }
  });
  return mistakes;
}

/** Names of the built-in models, except those that the file replaces by their id. */
function builtInNames(replaced: ReadonlySet<YamlValue | undefined>): Map<string, string> {
  const kept = BUILT_IN_MODELS.filter((model) => !replaced.has(model.id));
  return new Map(kept.flatMap((model) => [model.id, ...model.aliases].map((name): [string, string] => [name, `the built-in ${model.id}`])));
}

function proxyMistakes({ trusted_proxies: proxies }: YamlMap): Mistake[] {
  const items: readonly YamlValue[] = Array.isArray(proxies) ? proxies : [];
  return items.flatMap((item, index) => {
    if (typeof item !== 'string' || isAddressOrRange(item)) return [];
    return [{ path: ['trusted_proxies', index], message: `${shown(item)} is no IP address and no range such as 10.0.0.0/8` }];
  });
}

function isAddressOrRange(item: string): boolean {
  const [host = '', bits, ...rest] = item.split('/');
  const version = net.isIP(host);
  return version !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
}

function timezoneMistakes(root: YamlMap): Mistake[] {
  const { timezone } = root;
  if (typeof timezone !== 'string' || isTimezone(timezone)) return [];
  return [{ path: ['timezone'], message: `${shown(timezone)} is no IANA time zone such as UTC or Europe/Berlin` }];
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function consoleMistakes({ listen, console: given }: YamlMap): Mistake[] {
  const console = asMap(given);
  if (!console) return [];
  const mistakes: Mistake[] = [];
  if (collide(console.listen, listen ?? DATA_ADDRESS))
    mistakes.push({ path: ['console', 'listen'], message: 'is what `listen` says already; leave it out to serve both there, or give it another port' });
  const [idle, max] = [milliseconds(console.session_idle), milliseconds(console.session_max)];
  if (idle !== null && max !== null && idle > max) mistakes.push({ path: ['console', 'session_idle'], message: 'is longer than console.session_max, which ends a session in any case' });
  const { public_url: reached } = console;
  if (typeof reached === 'string' && URL.canParse(reached) && new URL(reached).pathname !== '/')
    mistakes.push({ path: ['console', 'public_url'], message: 'must have no path: the console is served at /console of its host' });
  return mistakes;
}

/** RFC 9110, 5.6.2. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

function tracingMistakes({ tracing: given }: YamlMap): Mistake[] {
  const tracing = asMap(given);
  const names = Object.keys(asMap(tracing?.headers) ?? {});
  const mistakes: Mistake[] = names.filter((name) => !HEADER_NAME.test(name)).map((name) => ({ path: ['tracing', 'headers', name], message: 'is no name of a header' }));
  const { endpoint } = tracing ?? {};
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return mistakes;
  const { protocol, hostname, pathname } = new URL(endpoint);
  if (protocol === 'http:' && !isLoopback(hostname) && names.length > 0)
    mistakes.push({ path: ['tracing', 'endpoint'], message: 'http:// would send tracing.headers unencrypted; use https://, or leave the headers out' });
  if (pathname === '/') mistakes.push({ path: ['tracing', 'endpoint'], message: 'must name the path too, which is usually /v1/traces, as in http://127.0.0.1:4318/v1/traces' });
  return mistakes;
}

const DATA_ADDRESS = '127.0.0.1:8787';

/** What Prometheus reads is never on an address that buyers or browsers reach. */
function metricsMistakes({ listen, console, metrics: given }: YamlMap): Mistake[] {
  const metrics = asMap(given);
  const others: [string, YamlValue | undefined][] = [['listen', listen ?? DATA_ADDRESS], ['console.listen', asMap(console)?.listen]];
  const taken = others.filter(([, other]) => collide(metrics?.listen, other));
  const mistakes: Mistake[] = taken.map(([name]) => ({ path: ['metrics', 'listen'], message: `is what \`${name}\` says already; give it a port of its own, such as 9464` }));
  if (metrics?.token !== undefined && metrics.listen === undefined) mistakes.push({ path: ['metrics', 'token'], message: 'guards nothing without metrics.listen' });
  return mistakes;
}

/** Whether nobody could listen on both. Values that are no addresses are told of elsewhere. */
function collide(one: YamlValue | undefined, other: YamlValue | undefined): boolean {
  const [a, b] = [one, other].map((value) => (value === undefined ? null : address(value)));
  return a?.ok === true && b?.ok === true && a.value.port === b.value.port && a.value.port !== 0 && sameHost(a.value.host, b.value.host);
}

/** An address that means all of them holds every other. */
function sameHost(one: string, other: string): boolean {
  const all = (host: string): boolean => host === '0.0.0.0' || host === '::';
  return one.toLowerCase() === other.toLowerCase() || all(one) || all(other);
}

function milliseconds(value: YamlValue | undefined): number | null {
  const parsed = value === undefined ? null : duration(0, Number.MAX_SAFE_INTEGER)(value);
  return parsed?.ok ? parsed.value : null;
}

/** A credential anywhere in the file, also under a key that is not read. Those of known keys are found by their parsers. */
function credentialMistakes(value: YamlValue, path: YamlPath): Mistake[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => credentialMistakes(item, [...path, index]));
  const map = asMap(value);
  if (map) return Object.entries(map).flatMap(([key, item]) => credentialMistakes(item, [...path, key]));
  if (typeof value !== 'string' || !isKnownKeyShape(value)) return [];
  return [{ path, message: CREDENTIAL_IN_FILE }];
}

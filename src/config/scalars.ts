/** The small languages of the configuration: durations, sizes, prices, addresses, URLs, secrets' places. */
import * as net from 'node:net';
import type { SecretRef } from '../config.ts';
import { parseUsdc } from '../money.ts';
import { Numeral, type YamlValue } from './read-yaml.ts';
import { isKnownKeyShape, shown } from './secret-shape.ts';

/** A value, or what is wrong with it and what would be right. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
export type Parser<T> = (value: YamlValue) => Parsed<T>;

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = <T>(message: string): Parsed<T> => ({ ok: false, message });

/** A value for a message: what it is, never what may be secret. */
function found(value: YamlValue): string {
  if (value === null) return 'nothing';
  if (value instanceof Numeral) return value.source;
  if (typeof value === 'string') return shown(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a group of keys' : String(value);
}

const written = (value: YamlValue): string | null => (value instanceof Numeral ? value.source : typeof value === 'string' ? value.trim() : null);

export const text: Parser<string> = (value) => {
  const given = written(value);
  if (given === null || given === '') return bad(`must be a text, not ${found(value)}`);
  return isKnownKeyShape(given) ? bad('must not hold a credential: name its place, as in env:ANTHROPIC_API_KEY, and replace the exposed one') : good(given);
};

/** Words for people: may be empty and have several lines. */
export const words =
  (most: number): Parser<string> =>
  (value) => {
    const given = written(value);
    if (given === '') return good('');
    if (given !== null && given.length > most) return bad(`must have at most ${most} characters, not ${given.length}`);
    return text(value);
  };

export const flag: Parser<boolean> = (value) => (typeof value === 'boolean' ? good(value) : bad(`must be true or false, not ${found(value)}`));

export const integer =
  (least: number, most: number): Parser<number> =>
  (value) => {
    const given = written(value)?.replaceAll('_', '') ?? '';
    const number = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
    return number >= least && number <= most ? good(number) : bad(`must be a whole number from ${least} to ${most}, not ${found(value)}`);
  };

export const decimal =
  (least: number, most: number): Parser<number> =>
  (value) => {
    const given = written(value) ?? '';
    const number = /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : NaN;
    return number >= least && number <= most ? good(number) : bad(`must be a number from ${least} to ${most}, not ${found(value)}`);
  };

export const oneOf =
  <T extends string>(words: readonly T[], suggest: (word: string) => string): Parser<T> =>
  (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return good(word);
    const hint = typeof value === 'string' ? suggest(value) : '';
    return bad(`must be ${words.length === 1 ? '' : 'one of '}${words.join(', ')}, not ${found(value)}.${hint}`);
  };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, '': 1_000, m: 60_000, h: HOUR_MS, d: DAY_MS };

/** `250ms`, `10s`, `15m`, `1h`, `7d`; a plain number is seconds. → milliseconds */
export const duration =
  (leastMs: number, mostMs: number = DAY_MS): Parser<number> =>
  (value) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)$/.exec(written(value) ?? '');
    const ms = match ? Math.round(Number(match[1]) * (DURATION_MS[match[2] ?? ''] ?? 0)) : NaN;
    if (ms >= leastMs && ms <= mostMs) return good(ms);
    if (match) return bad(`must be from ${leastMs >= 1000 ? `${leastMs / 1000}s` : `${leastMs}ms`} to ${mostMs / HOUR_MS}h, not ${found(value)}`);
    return bad(`must be a time such as 250ms, 10s or 15m (a plain number is seconds), not ${found(value)}`);
  };

const SIZE_BYTES: Readonly<Record<string, number>> = { B: 1, '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `32MB`; KB, MB and GB are powers of 1,024. → bytes */
export const size =
  (leastBytes: number, mostBytes: number): Parser<number> =>
  (value) => {
    const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|)$/.exec((written(value) ?? '').toUpperCase().replace('IB', 'B'));
    const bytes = match ? Math.floor(Number(match[1]) * (SIZE_BYTES[match[2] ?? ''] ?? 0)) : NaN;
    if (bytes >= leastBytes && bytes <= mostBytes) return good(bytes);
    return bad(`must be a size from ${sizeText(leastBytes)} to ${sizeText(mostBytes)} such as 32MB, not ${found(value)}`);
  };

const sizeText = (bytes: number): string => (bytes >= 1024 ** 2 ? `${bytes / 1024 ** 2}MB` : `${bytes / 1024}KB`);

/** USD per million tokens, exact, up to 6 decimals → micro-USDC per million tokens (1 USD = 1,000,000). */
export const price: Parser<bigint> = (value) => {
  const given = written(value);
  const parsed = given === null ? null : parseUsdc(given);
  if (parsed?.ok && parsed.amount >= 0n) return good(parsed.amount);
  if (parsed?.ok) return bad(`must not be below 0, but is ${found(value)}`);
  return bad(`must be USD per million tokens with up to 6 decimals, such as 3 or 0.30, not ${found(value)}`);
};

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8787`, `[::1]:8787`, `localhost:8787`, or a port alone. */
export const address: Parser<Address> = (value) => {
  const given = written(value) ?? '';
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(given);
  const port = Number(match?.[3] ?? NaN);
  const host = match?.[1] ?? match?.[2] ?? '127.0.0.1';
  if (!match || port > 65_535) return bad(`must be an address and port such as 127.0.0.1:8787 or [::1]:8787, not ${found(value)}`);
  if (match[1] !== undefined && net.isIP(match[1]) !== 6) return bad(`${shown(match[1])} is no IPv6 address`);
  return good({ host, port });
};

/** What a credential of a service manager can be called: the name of a file, which cannot lead out of its folder. */
const CREDENTIAL_NAME = /^credential:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/;

/** `env:NAME`, `file:PATH` or `credential:NAME`. What else stands there may be the secret itself and is not repeated. */
export const secretRef: Parser<SecretRef> = (value) => {
  const given = typeof value === 'string' ? value.trim() : '';
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(given)?.[1];
  if (env !== undefined && !isKnownKeyShape(env)) return good({ kind: 'env', name: env });
  const path = /^file:(.+)$/.exec(given)?.[1];
  if (path !== undefined && !isKnownKeyShape(path)) return good({ kind: 'file', path });
  const credential = CREDENTIAL_NAME.exec(given)?.[1];
  if (credential !== undefined && !isKnownKeyShape(credential)) return good({ kind: 'credential', name: credential });
  if (given === '' || /^(?:env|file|credential):$/.test(given)) return bad('must say where the credential is: env:NAME, file:PATH or credential:NAME');
  return bad('must say where the credential is, env:NAME, file:PATH or credential:NAME. A credential itself must not stand in this file: if this is one, replace it');
};

const HOST_NAME = /^(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+$/;

/** A host as a request may name it: `gateway.example.com`, `192.0.2.7`, `[2001:db8::7]` in its shortest form, or `*`. */
export const hostName: Parser<string> = (value) => {
  // Without quotes, YAML reads [::1] as a list.
  const given = Array.isArray(value) ? '[' : (written(value) ?? '');
  if (given === '*' || HOST_NAME.test(given)) return good(given.toLowerCase());
  const inBrackets = /^\[([^%]*)\]$/.exec(given)?.[1] ?? '';
  if (net.isIP(inBrackets) === 6) return good(new URL(`http://${given}`).hostname);
  if (given.startsWith('[') || net.isIP(given) === 6) return bad('must be a host name; an IPv6 address needs brackets and quotes, as in "[2001:db8::7]"');
  return bad(`${found(value)} is no host name; give it without port and scheme, or * for any`);
};

const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** `localhost`, or an address that only this machine reaches, however it is written. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const version = net.isIP(address);
  return version === 0 ? /^localhost\.?$/i.test(host) : LOOPBACK.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** An http(s) URL without credentials, query or fragment → the same without a trailing slash. */
export const url: Parser<string> = (value) => {
  const given = typeof value === 'string' ? value.trim() : '';
  if (!URL.canParse(given)) return bad(`must be a URL such as https://api.anthropic.com, not ${found(value)}`);
  const parsed = new URL(given);
  if (parsed.username !== '' || parsed.password !== '') return bad('must not hold a user or password; the credential has its own key');
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return bad(`must begin with https://, not ${shown(parsed.protocol)}`);
  if (parsed.search !== '' || parsed.hash !== '' || /[?#]/.test(given)) return bad('must not have a query or fragment (what follows ? or #)');
  if (isKnownKeyShape(given)) return bad('must not hold a credential');
  return good(parsed.href.replace(/\/+$/, ''));
};

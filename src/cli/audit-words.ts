/** What an entry of the audit log changed, in one line: `balance 112.40 → 212.40, amount 100.00, reference tx_0x91`. */
import type { AuditEntry } from '../audit/read-audit.ts';
import { formatUsdc, micro } from '../money.ts';

type Facts = Readonly<Record<string, unknown>>;

const MONEY = /UsdMicros$/;
const isObject = (value: unknown): value is Facts => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What its absence means, where that is not "none". */
const NOTHING: Readonly<Record<string, string>> = { buyers: 'all', holdOutputTokens: 'worst case' };

/** `balanceUsdMicros` → `balance`, `holdOutputTokens` → `hold output tokens`; names with other characters, such as models', stay. */
function wordsOf(name: string): string {
  if (!/^[a-zA-Z\d]+$/.test(name)) return name;
  return name.replace(MONEY, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(name: string, value: unknown): string {
  if (value === null) return NOTHING[name] ?? 'none';
  if (MONEY.test(name) && Number.isSafeInteger(value)) return moneyText(value as number);
  if (name === 'cardOrigin' && isObject(value)) return value['kind'] === 'multiplier' ? `${text(value['multiplier'])} × list` : text(value['file']);
  return text(value);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : Array.isArray(value) ? value.map(text).join(' ') : JSON.stringify(value));

/** Two decimals, or all six where two would not be exact. */
function moneyText(micros: number): string {
  const amount = micro(BigInt(micros));
  return formatUsdc(amount, amount % 10_000n === 0n ? 2 : 6);
}

function changeText(name: string, was: unknown, is: unknown): string {
  if (is === undefined) return `${wordsOf(name)} was ${valueText(name, was)}`;
  return `${wordsOf(name)} ${was === undefined ? '' : `${valueText(name, was)} → `}${valueText(name, is)}`;
}

const namesOf = (a: Facts, b: Facts): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];

/** A single model's prices are told one by one. */
function pricesText(was: Facts, is: Facts): string {
  const models = namesOf(was, is);
  const [only] = models;
  const [old, now] = only === undefined ? [] : [was[only], is[only]];
  if (models.length !== 1 || !isObject(old) || !isObject(now)) return `prices of ${models.length} ${models.length === 1 ? 'model' : 'models'}`;
  const differing = namesOf(old, now).filter((name) => old[name] !== now[name]);
  return differing.map((name) => `${only ?? ''} ${changeText(`${name}UsdMicros`, old[name], now[name])}`).join(', ');
}

export function auditWords({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string {
  const [was, is] = [before ?? {}, after ?? {}];
  const objectIn = (facts: Facts, name: string): Facts => (isObject(facts[name]) ? facts[name] : {});
  const parts = namesOf(was, is).map((name) =>
    name === 'pricesPerMillionUsdMicros' ? pricesText(objectIn(was, name), objectIn(is, name)) : changeText(name, was[name], is[name]),
  );
  return parts.join(', ');
}

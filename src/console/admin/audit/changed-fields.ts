import type { AuditEntry } from '../../../api/schemas/admin.ts';
import { formatUsdc, micro } from '../../../money.ts';
import { CLASS_WORDS } from '../../../tokens.ts';
import { timeUtc } from '../../format.ts';

export interface ChangedField {
  readonly field: string;
  /** Null where there was nothing, or nothing is left. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What an audited change did, field by field; fields that stayed the same are left out. */
export function changedFields({ before, after }: Pick<AuditEntry, 'before' | 'after'>): ChangedField[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .map((field) => ({ field: fieldWords(field), before: valueWords(before?.[field], MICROS.test(field)), after: valueWords(after?.[field], MICROS.test(field)) }))
    .filter((changed) => changed.before !== changed.after);
}

const MICROS = /usd_?micros$/i;
const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** `amountUsdMicros` is `amount, USDC`; `holdOutputTokens` is `hold output tokens`. */
export function fieldWords(field: string): string {
  const name = field.replace(MICROS, '').replaceAll('_', ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().trim();
  return MICROS.test(field) ? `${name || 'amount'}, USDC` : name;
}

/** `money`: whole numbers in it are micro-USDC, however deep they are. */
function valueWords(value: unknown, money: boolean): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return ISO_TIME.test(value) ? timeUtc(value) : value;
  if (typeof value === 'number' && money && Number.isSafeInteger(value)) return formatUsdc(micro(value), 6);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((entry) => valueWords(entry, money) ?? 'none').join(', ');
  if (typeof value !== 'object') return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, part]) => {
    const nested = typeof part === 'object' && part !== null;
    return `${partWords(name)}${nested ? ':' : ''} ${valueWords(part, money || MICROS.test(name)) ?? 'none'}`;
  });
  return parts.join(parts.some((part) => part.includes(', ')) ? '; ' : ', ');
}

/** Within a value: a token class by its word, a model by its name as it is. */
function partWords(name: string): string {
  if (name in CLASS_WORDS) return CLASS_WORDS[name as keyof typeof CLASS_WORDS];
  return name.includes('-') ? name : fieldWords(name);
}

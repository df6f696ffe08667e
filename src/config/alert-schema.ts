/** The keys of `alerts:` in `config.yaml`: those of the rules by kind, and those of a webhook. */
import type * as z from 'zod/mini';
import { micro, parseUsdc, type MicroUsdc } from '../money.ts';
import { Numeral } from './read-yaml.ts';
import { decimal, duration, flag, integer, secretRef, text, type Parser } from './scalars.ts';
import { anything, group, list, optional, orNull, required } from './schema-parts.ts';
import { isKnownKeyShape, shown } from './secret-shape.ts';

/** USDC above zero, exact, up to 6 decimals. */
const amount: Parser<MicroUsdc> = (value) => {
  const given = value instanceof Numeral ? value.source : typeof value === 'string' ? value : '';
  const parsed = parseUsdc(given);
  if (parsed.ok && parsed.amount > 0n) return { ok: true, value: micro(parsed.amount) };
  return { ok: false, message: `must be USDC above 0 with up to 6 decimals, such as 10 or 2.50${given === '' ? '' : `, not ${shown(given)}`}` };
};

/** 0 < share ≤ 1. */
const share: Parser<number> = (value) => {
  const parsed = decimal(0, 1)(value);
  if (parsed.ok && parsed.value > 0) return parsed;
  return { ok: false, message: `must be a share above 0 and at most 1, such as 0.05 for one in twenty` };
};

/** What may stand in its path or query is as good as a credential, so a wrong one is not repeated. */
const webhookUrl: Parser<string> = (value) => {
  const given = typeof value === 'string' ? value.trim() : '';
  const wrong = (message: string) => ({ ok: false, message }) as const;
  if (!URL.canParse(given)) return wrong('must be a URL such as https://example.com/hook');
  const parsed = new URL(given);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return wrong(`must begin with https://, not ${shown(parsed.protocol)}`);
  if (parsed.username !== '' || parsed.password !== '') return wrong('must not hold a user or password; calls are signed with `secret`');
  if (parsed.hash !== '') return wrong('must not have a fragment (what follows #)');
  if (isKnownKeyShape(given)) return wrong('must not hold a credential');
  return { ok: true, value: parsed.href };
};

const buyers = orNull(list(text, 'acme'));
const every = { name: optional(text, null), when: anything };

export const ruleSchemas = {
  balance_below: group({ ...every, amount: required(amount, '10'), buyers }),
  empty_within: group({ ...every, hours: required(decimal(0.1, 8760), '4'), buyers }),
  spend_above: group({ ...every, amount: required(amount, '50'), buyers }),
  error_share_above: group({
    ...every,
    share: required(share, '0.05'),
    window: optional(duration(60_000), 5 * 60_000),
    least: optional(integer(1, 1_000_000_000), 20),
  }),
  shortfall: group({ ...every, buyers }),
  upstream_down: group({ ...every, for: optional(duration(5_000), 60_000) }),
  usage_estimated: group({ ...every, buyers }),
} as const;

export const webhookSchema = group({
  name: required(text, 'ops'),
  url: required(webhookUrl, 'https://example.com/hook'),
  secret: required(secretRef, 'env:AINOGAP_WEBHOOK_SECRET'),
  insecure_http: optional(flag, false),
});

/** Rules and webhooks are read one by one, so that a mistake in one does not hide those of the others. */
export const alertsSchema = group({ rules: anything, webhooks: anything });

type Values<K extends keyof typeof ruleSchemas> = { readonly [P in K]: { readonly when: P; readonly values: z.output<(typeof ruleSchemas)[P]> } }[K];
export type RuleValues = Values<keyof typeof ruleSchemas>;
export type WebhookValues = z.output<typeof webhookSchema>;

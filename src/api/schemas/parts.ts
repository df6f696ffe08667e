/** What all documents of the HTTP API are made of. Money is whole micro-USDC; times are ISO 8601 in UTC. */
import { z } from '@hono/zod-openapi';

export const usdMicros = z.int().openapi({ description: 'Whole micro-USDC: 1,000,000 are 1 USDC.', example: 1_250_000 });
export const time = z.string().openapi({ format: 'date-time', example: '2026-11-23T12:05:01.000Z' });
export const count = z.int().min(0);
/** A fraction of six decimals. */
export const share = z.number();

export const buyerId = z.string().regex(/^buyer_[1-9]\d{0,14}$/).openapi({ example: 'buyer_3' });
export const keyId = z.string().regex(/^key_[1-9]\d{0,14}$/).openapi({ example: 'key_7' });
export const requestId = z.string().regex(/^req_[0-9a-hjkmnp-tv-z]{13}$/).openapi({ example: 'req_01k2q6h3x0c00' });
export const alias = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/).openapi({ example: 'claude-fast' });
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/).openapi({ example: '2026-11' });

/** One value for each of the five classes, always in this order. */
export const perClass = <T extends z.ZodType>(value: T) => z.object({ input: value, output: value, cacheWrite5m: value, cacheWrite1h: value, cacheRead: value });

export const item = <T extends z.ZodType>(value: T) => z.object({ item: value });
export const list = <T extends z.ZodType>(value: T) =>
  z.object({ items: z.array(value), nextCursor: z.string().nullable().openapi({ description: 'Where the next page begins; null after the last.' }) });
/** A list of requests, older ones of which may have been moved out of the database. */
export const requestList = <T extends z.ZodType>(value: T) =>
  list(value).extend({
    prunedBefore: z
      .string()
      .nullable()
      .openapi({ description: 'The UTC day before which requests have left the database for an archive, and are in no list; null: all are here. Usage, balances and statements have them all.', example: '2026-08-01' }),
  });

/** The query of every list. */
export const page = { cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };
/** The query of every report: ISO 8601 times or days such as 2026-11-23 in the gateway's time zone, `24h`, `7d`, `today`; [since, until). */
export const window = { since: z.string().max(40).optional(), until: z.string().max(40).optional() };

export const errorDocument = z
  .object({
    error: z.object({
      code: z.string().openapi({ description: 'A stable word, such as `invalid_request`.' }),
      message: z.string().openapi({ description: 'What was wrong, where, and what would be right.' }),
      details: z.record(z.string(), z.unknown()).openapi({ description: 'What belongs to the code; empty where nothing does.' }),
    }),
  })
  .openapi('Error');
export type ErrorDocument = z.output<typeof errorDocument>;

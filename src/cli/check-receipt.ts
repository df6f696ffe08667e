/** `ainogap receipt --check FILE`: the charge, computed anew from the document alone. */
import * as path from 'node:path';
import * as z from 'zod';
import { recomputeReceipt, RECEIPT_FORMAT } from '../metering/receipt.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import { printable } from '../printable.ts';
import { TOKEN_FIELDS } from '../reports/request-json.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import { readInput } from './read-input.ts';

const count = z.int().min(0);
const perClass = z.object({ input: count, output: count, cacheWrite5m: count, cacheWrite1h: count, cacheRead: count } satisfies Record<TokenClass, z.ZodInt>);
const receiptShape = z.object({
  receipt: z.literal(RECEIPT_FORMAT),
  requestId: z.string().optional(),
  priceCard: z.string(),
  usageSource: z.string(),
  quoteBasis: z.string().nullable(),
  flags: z.array(z.string()),
  parts: z.array(z.object({ model: z.string(), pricedAs: z.string(), tokens: perClass, unitPricesUsdMicrosPerMillion: perClass, geoFactor: z.enum(['1', '1.1']) })),
  tierFactor: z.enum(['1', '0.5']),
  webSearchRequests: count,
  webSearchUsdMicrosPerMillion: count,
  cappedAtUsdMicros: count.nullable(),
  chargeByClassUsdMicros: perClass,
  webSearchChargeUsdMicros: count,
  chargeUsdMicros: count,
  cacheSavedUsdMicros: z.int().optional(),
  // The record's own fields, where the document has them, must say the same.
  buyerChargeUsdMicros: count.optional(),
  uncachedInputTokens: count.optional(),
  outputTokens: count.optional(),
  cacheWrite5mTokens: count.optional(),
  cacheWrite1hTokens: count.optional(),
  cacheReadTokens: count.optional(),
});
type ReceiptFile = z.infer<typeof receiptShape>;

export function checkReceipt(ctx: CliContext, file: string, json: boolean): void {
  const document = parseReceipt(file, readInput(ctx, { file, option: '--check', what: 'the receipt' }));
  const { total, byClass, differences: computed } = recomputeReceipt({ ...document, request: {} });
  const differences = [...computed, ...recordDifferences(document)];
  const ok = differences.length === 0;
  if (json) {
    const computedByClassUsdMicros = Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, jsonMicros(byClass[tokenClass])]));
    const { requestId = null, chargeUsdMicros } = document;
    printJson(ctx, { ok, requestId, chargeUsdMicros, computedUsdMicros: jsonMicros(total), computedByClassUsdMicros, differences });
  }
  const name = printable(document.requestId ?? nameOf(file));
  if (!ok) throw new CliError(`the receipt of ${name} is wrong:${differences.map((line) => `\n  ${line}`).join('')}`);
  if (!json) ctx.stdout.write(`The receipt of ${name} is right: ${formatUsdc(total, 6)} USDC.\n`);
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : path.basename(file));

function parseReceipt(file: string, text: string): ReceiptFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${nameOf(file)} is not JSON: ${printable((error as Error).message)}.`, { next: 'ainogap receipt REQUEST_ID --json > receipt.json' });
  }
  const parsed = receiptShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => `\n  ${issue.path.join('.') || 'the document'}: ${printable(issue.message)}`);
  throw new CliError(`${nameOf(file)} is not a receipt:${problems.join('')}`, { next: 'ainogap receipt REQUEST_ID --json > receipt.json' });
}

/** The record's counts and charge, which stand beside the receipt's own, must agree with them. */
function recordDifferences(document: ReceiptFile): string[] {
  const differences: string[] = [];
  const compare = (name: string, said: number | undefined, computed: number): void => {
    if (said !== undefined && said !== computed) differences.push(`${name}: the record says ${said}, the receipt's parts give ${computed}`);
  };
  for (const tokenClass of TOKEN_CLASSES) {
    const field = TOKEN_FIELDS[tokenClass];
    compare(field, document[field], document.parts.reduce((sum, part) => sum + part.tokens[tokenClass], 0));
  }
  compare('buyerChargeUsdMicros', document.buyerChargeUsdMicros, document.chargeUsdMicros);
  return differences;
}

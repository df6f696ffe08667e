/** `ainogap receipt --check FILE`: the charge, computed anew from the document alone. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { recomputeReceipt, RECEIPT_FORMAT } from '../metering/receipt.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import { TOKEN_FIELDS } from '../reports/request-json.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import { printable } from './print-table.ts';

const BYTES_MAX = 1_000_000;

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
  const document = parseReceipt(file, readText(ctx, file));
  const { total, byClass, differences: computed } = recomputeReceipt({ ...document, request: {} });
  const differences = [...computed, ...recordDifferences(document)];
  const ok = differences.length === 0;
  if (json) {
    const computedByClassUsdMicros = Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, jsonMicros(byClass[tokenClass])]));
    const { requestId = null, chargeUsdMicros } = document;
    printJson(ctx, { ok, requestId, chargeUsdMicros, computedUsdMicros: jsonMicros(total), computedByClassUsdMicros, differences });
  }
  const name = printable(document.requestId ?? path.basename(file));
  if (!ok) throw new CliError(`the receipt of ${name} is wrong:${differences.map((line) => `\n  ${line}`).join('')}`);
  if (!json) ctx.stdout.write(`The receipt of ${name} is right: ${formatUsdc(total, 6)} USDC.\n`);
}

function readText(ctx: CliContext, file: string): string {
  try {
    if (file === '-') return fs.readFileSync(0, 'utf8');
    const absolute = path.resolve(ctx.cwd, file);
    if (fs.statSync(absolute).size > BYTES_MAX) throw new CliError(`${file} is larger than any receipt.`);
    return fs.readFileSync(absolute, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read the receipt: ${(error as Error).message}.`);
  }
}

function parseReceipt(file: string, text: string): ReceiptFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON: ${printable((error as Error).message)}.`, { next: 'ainogap receipt REQUEST_ID --json > receipt.json' });
  }
  const parsed = receiptShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => `\n  ${issue.path.join('.') || 'the document'}: ${printable(issue.message)}`);
  throw new CliError(`${file} is not a receipt:${problems.join('')}`, { next: 'ainogap receipt REQUEST_ID --json > receipt.json' });
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

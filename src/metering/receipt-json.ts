/** Reads a receipt from JSON text, checking every figure that its computation needs. */
import { TOKEN_CLASSES } from '../tokens.ts';
import { RECEIPT_FORMAT, type ReceiptDocument } from './receipt.ts';

export type ReceiptParse = { readonly ok: true; readonly document: ReceiptDocument } | { readonly ok: false; readonly reason: string };

/** `reason` says where in the document what is wrong and what would be right. */
export function parseReceipt(json: string): ReceiptParse {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, reason: `not JSON: ${(error as Error).message}` };
  }
  const problem = problemOf(value);
  return problem === null ? { ok: true, document: value as ReceiptDocument } : { ok: false, reason: problem };
}

function problemOf(value: unknown): string | null {
  if (!isObject(value)) return 'not a receipt: an object is needed';
  if (value['receipt'] !== RECEIPT_FORMAT) return `receipt must be "${RECEIPT_FORMAT}"`;
  if (!Array.isArray(value['parts'])) return 'parts must be a list';
  for (const [i, part] of value['parts'].entries()) {
    const problem = partProblem(`parts[${i}]`, part);
    if (problem !== null) return problem;
  }
  if (value['tierFactor'] !== '1' && value['tierFactor'] !== '0.5') return 'tierFactor must be "1" or "0.5"';
  for (const field of ['webSearchRequests', 'webSearchUsdMicrosPerMillion', 'webSearchChargeUsdMicros', 'chargeUsdMicros'])
    if (!isCount(value[field])) return notCount(field);
  if (value['cappedAtUsdMicros'] !== null && !isCount(value['cappedAtUsdMicros'])) return `${notCount('cappedAtUsdMicros')} or null`;
  return classesProblem('chargeByClassUsdMicros', value['chargeByClassUsdMicros']);
}

function partProblem(path: string, part: unknown): string | null {
  if (!isObject(part)) return `${path} must be an object`;
  if (part['geoFactor'] !== '1' && part['geoFactor'] !== '1.1') return `${path}.geoFactor must be "1" or "1.1"`;
  return classesProblem(`${path}.tokens`, part['tokens']) ?? classesProblem(`${path}.unitPricesUsdMicrosPerMillion`, part['unitPricesUsdMicrosPerMillion']);
}

function classesProblem(path: string, value: unknown): string | null {
  if (!isObject(value)) return `${path} must be an object with ${TOKEN_CLASSES.join(', ')}`;
  for (const tokenClass of TOKEN_CLASSES) if (!isCount(value[tokenClass])) return notCount(`${path}.${tokenClass}`);
  return null;
}

const notCount = (path: string) => `${path} must be a whole number ≥ 0`;

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

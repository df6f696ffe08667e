import { printableLines } from '../printable.ts';
import type { CliContext } from './context.ts';

/**
 * One JSON document on stdout; what it quotes cannot steer a terminal. Money must have become integers before (`jsonMicros`): a bigint here is a bug and throws.
 */
export function printJson(ctx: CliContext, document: unknown): void {
  ctx.stdout.write(printableLines(`${JSON.stringify(document, null, 2)}\n`));
}

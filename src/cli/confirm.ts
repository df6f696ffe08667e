import type { CliContext } from './context.ts';
import { CliError, usageError } from './cli-error.ts';

/** Asks before something is destroyed: on a terminal a question, without one `--yes` is needed. Throws unless agreed. */
export async function confirm(ctx: CliContext, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!ctx.interactive) throw usageError(`nobody can be asked here, so this needs --yes. The question is: ${question}`);
  if (!(await ctx.ask(question))) throw new CliError('stopped; nothing was changed.');
}

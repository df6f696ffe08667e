/** `ainogap explain`: the story of one request in words. */
import type { Command } from 'commander';
import { formatRequestId, parseRequestId, requestIdTime } from '../ids.ts';
import type { RequestId } from '../ids.ts';
import { didYouMean } from '../nearest.ts';
import { explainLines, explainRequest } from '../reports/explain.ts';
import type { Explanation } from '../reports/explain.ts';
import { requestIdsNear } from '../reports/requests.ts';
import type { Db } from '../db/open.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { archivedError } from './archive-words.ts';
import { CliError, usageError } from './cli-error.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { isoTime } from '../documents/iso-time.ts';

const WIDTH_MAX = 110;

export function registerExplain(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'explain <request-id>',
    description: 'tell the story of one request: key, quote, hold, tries, usage, charge, what its cache saved',
    example: 'ainogap explain req_01jd8m2x5k0c0\nainogap explain req_01jd8m2x5k0c0 --json',
    exitCodes: '0 done, 1 not found, 2 wrong usage',
  }).action(async (text: string, _options: unknown, command: Command) => {
    const global = globalOptions(command);
    const id = parseRequestId(text);
    if (id === null) throw usageError(`"${text}" is not a request id (an example: req_01jd8m2x5k0c0); the upstream's own ids are not ours.`, 'ainogap requests');
    const explanation = await withDatabase(readConfig(ctx, global).database, 'read', (db) => explainRequest(db, id, ctx.now()) ?? notFound(db, id, ctx.now()));
    if (global.json) return printJson(ctx, explanationJson(explanation));
    print(ctx, explanation);
  });
}

/** An id tells its time, so that a wrong one leads to where to look; one letter off leads to the right one. */
function notFound(db: Db, id: RequestId, now: number): never {
  const archived = archivedError(db, id);
  if (archived !== null) throw archived;
  const text = formatRequestId(id);
  const at = requestIdTime(id);
  const hint = didYouMean(text, requestIdsNear(db, id).map(formatRequestId));
  const since = at > now ? '' : ` --since ${isoTime(Math.max(0, at - 60_000)).slice(0, 19)}Z`;
  throw new CliError(`request "${text}" not found: there is no record of it, and it does not run.${hint}`, { next: `ainogap requests${since}` });
}

/** The document of `--json`: the figures as fields, beside the story in words. */
function explanationJson({ state, summary, story, next, figures }: Explanation): Record<string, unknown> {
  return { ...figures, state, summary, story: story.map(({ topic, text, rows }) => ({ topic, text, rows: rows ?? [] })), next };
}

function print(ctx: CliContext, explanation: Explanation): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  const width = ctx.stdout.isTTY ? Math.min(ctx.stdout.columns, WIDTH_MAX) : WIDTH_MAX;
  // The topics stand in the first column of a line, which is blank below them.
  const coloured = explainLines(explanation, width).map((line) => line.replace(/^\S+/, (topic) => chalk.bold(topic)));
  ctx.stdout.write(`${coloured.join('\n')}\n`);
}

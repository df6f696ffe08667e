/** A configuration file on disk → Config. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Config } from '../config.ts';
import { ConfigProblem } from './config-problem.ts';
import { parseConfig } from './parse-config.ts';
import { readableByOthers } from './readable-by-others.ts';

export type ConfigLoad =
  /** `warnings` are sentences for the operator. */
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const BYTES_MAX = 1024 * 1024;

/** Reads and checks a file; never throws. Every problem prints as `config.yaml:12: upstreams.anthropic.base_ul: …`. */
export function loadConfig(file: string): ConfigLoad {
  const absolute = path.resolve(file);
  const fail = (message: string): ConfigLoad => ({
    ok: false,
    problems: [new ConfigProblem({ file: path.basename(absolute), line: null, key: '' }, message)],
  });
  let bytes: Buffer;
  let mode: number;
  try {
    const stat = fs.statSync(absolute);
    if (!stat.isFile()) return fail(`${absolute} is not a file`);
    if (stat.size > BYTES_MAX) return fail(`has ${stat.size} bytes, which is more than any configuration needs (at most ${BYTES_MAX})`);
    // Root's own that one group may read is how a service of another user gets its configuration: 0640 root:ainogap.
    mode = stat.uid === 0 ? stat.mode & ~0o040 : stat.mode;
    bytes = fs.readFileSync(absolute);
  } catch (error) {
    return fail(unreadable(absolute, error as NodeJS.ErrnoException));
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('is not UTF-8 text');
  }
  const parsed = parseConfig(text, absolute);
  if (!parsed.ok) return parsed;
  const warnings = [readableByOthers(absolute, mode), bodiesNeverFit(parsed.config)];
  return { ...parsed, warnings: warnings.filter((warning) => warning !== null) };
}

/** A buyer may have a quarter of the memory for bodies, and a compressed body counts twice while it is decoded. */
function bodiesNeverFit({ limits }: Config): string | null {
  if (limits.bodyMemoryBytesMax >= 8 * limits.requestBodyBytesMax) return null;
  return 'limits.body_memory is below 8 times limits.request_body: the largest bodies may always be refused with 503';
}

function unreadable(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `there is no file ${file}; "ainogap init" writes one`;
  if (error.code === 'EACCES') return `${file} may not be read by this user`;
  return `${file} cannot be read: ${error.message}`;
}

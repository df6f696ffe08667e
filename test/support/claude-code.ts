/** Claude Code, headless, from its npm package: a client that others wrote and that we do not change. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bareEnv, PROJECT } from './product.ts';

/** The native program in the platform's package, or null where there is none. */
export const claudeCode: string | null = findProgram();
if (claudeCode === null)
  console.warn(`SKIPPED: @anthropic-ai/claude-code has no program for ${process.platform}-${process.arch} here, so its tests do not run`);

function findProgram(): string | null {
  const scope = path.join(PROJECT, 'node_modules/@anthropic-ai');
  const names = [`claude-code-${process.platform}-${process.arch}`, `claude-code-${process.platform}-${process.arch}-musl`];
  return names.map((name) => path.join(scope, name, 'claude')).find((file) => fs.existsSync(file)) ?? null;
}

/** A fresh home, and nothing on the network but the gateway. */
export function claudeCodeEnv(home: string): NodeJS.ProcessEnv {
  return {
    ...bareEnv(home),
    CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    // It refuses to skip its permission questions as root, except in a sandbox; a test's temporary folder is one.
    IS_SANDBOX: '1',
  };
}

// node scripts/make-code-cache.ts BUNDLE CACHE: runs a few small commands of the packed main bundle and writes the code that
// V8 has compiled by then. To be run by the Node that will use it.
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { compileBundle, runBundle } from '../src/packed-bundle.ts';

/** What is run by hand and in scripts; the code of `serve` would only be in the way of these. */
const COMMANDS = [['init', '--yes'], ['buyer', 'create', 'acme'], ['key', 'create', 'acme'], ['key', 'list'], ['balance', 'acme'], ['key', 'list', '--json'], ['--help']];

const [bundle, cache] = process.argv.slice(2).map((file) => path.resolve(file)) as [string, string];
const script = compileBundle(fs.readFileSync(bundle, 'latin1'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-code-'));
try {
  process.chdir(folder);
  // Where better-sqlite3 looks for its addon, which only the executable has within.
  const dirname = path.resolve(import.meta.dirname, '../node_modules/better-sqlite3/lib');
  for (const command of COMMANDS) {
    process.argv = [process.execPath, process.execPath, ...command];
    await (runBundle(script, { require: createRequire(import.meta.url), filename: path.join(dirname, 'ainogap.cjs'), dirname })['done'] as Promise<void>);
    if (process.exitCode) throw new Error(`ainogap ${command.join(' ')} exited with ${process.exitCode}`);
  }
  fs.writeFileSync(cache, script.createCachedData());
} finally {
  process.chdir(os.tmpdir());
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Entry point of the single executable: answers the version at once, and for all else runs the main bundle. */
import * as path from 'node:path';
import * as sea from 'node:sea';
import { asksForVersion, productVersion } from './cli/version.ts';
import { compileBundle, MAIN_BUNDLE, MAIN_CODE_CACHE, runBundle } from './packed-bundle.ts';

function runMainBundle(): void {
  // ASCII, for the build escapes all other characters.
  const source = Buffer.from(sea.getRawAsset(MAIN_BUNDLE)).toString('latin1');
  // Only the executables for the platform that they were built on have one.
  const codeCache = sea.getAssetKeys().includes(MAIN_CODE_CACHE) ? Buffer.from(sea.getRawAsset(MAIN_CODE_CACHE)) : undefined;
  runBundle(compileBundle(source, codeCache), { require, filename: process.execPath, dirname: path.dirname(process.execPath) });
}

if (asksForVersion(process.argv.slice(2))) process.stdout.write(`${productVersion()}\n`);
else runMainBundle();

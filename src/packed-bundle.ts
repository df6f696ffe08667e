/**
 * The main bundle as the single executable runs it: an asset with the code beside it that V8 had compiled when a command
 * ran. What Node keeps of its own main script is compiled before any of it ran, which saves half as much.
 */
import * as vm from 'node:vm';

/** The names of the assets. */
export const MAIN_BUNDLE = 'ainogap.cjs';
export const MAIN_CODE_CACHE = 'ainogap.cjs.cache';

/** `source` must be what `codeCache` was made of; else, or with another V8, the cache is left unused and nothing else changes. */
export function compileBundle(source: string, codeCache?: Buffer): vm.Script {
  return new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, { filename: MAIN_BUNDLE, ...(codeCache ? { cachedData: codeCache } : {}) });
}

export interface BundlePlace {
  readonly require: NodeJS.Require;
  readonly filename: string;
  readonly dirname: string;
}

/** Runs it as a CommonJS module; its exports. */
export function runBundle(script: vm.Script, { require, filename, dirname }: BundlePlace): Readonly<Record<string, unknown>> {
  const module = { exports: {} };
  const run = script.runInThisContext() as (...parameters: readonly unknown[]) => void;
  run(module.exports, require, module, filename, dirname);
  return module.exports;
}

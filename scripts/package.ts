// npm run package [-- TARGET ... | --all] -> build/ainogap-<target>: one file that holds Node, the program, its pages and
// SQLite; beside it its SBOM, and SHA256SUMS of all that there is. Without a target: this machine's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { MAIN_BUNDLE, MAIN_CODE_CACHE } from '../src/packed-bundle.ts';
import { buildPages } from './build-pages.ts';
import { buildBundles, PACKED_MAIN, WORKER_BUNDLES } from './bundles.ts';
import type { ExecutablePlan } from './make-executable.ts';
import { nodeBase } from './node-base.ts';
import { printFigures } from './package-figures.ts';
import { TARGETS, type PackageTarget } from './package-targets.ts';
import { binaryLicenses, sumBinaries, writeBinarySbom } from './ship/binary-papers.ts';

const root = path.resolve(import.meta.dirname, '..');
const build = path.join(root, 'build');
const host = TARGETS.find(({ platform, arch }) => platform === { linux: 'linux', darwin: 'macos', win32: 'win' }[process.platform as string] && arch === process.arch);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    /** Leaves out the figures. */
    quiet: { type: 'boolean', default: false },
    /** Another folder than `build`. */
    into: { type: 'string', default: build },
  },
});
const into = path.resolve(values.into);
const work = path.join(build, `work.${process.pid}`);
process.once('exit', () => fs.rmSync(work, { recursive: true, force: true }));

const wanted = values.all ? TARGETS : targetsNamed(positionals);
fs.mkdirSync(into, { recursive: true });
const program = await buildBundles({ root, into: work, packed: true });
const pages = await buildPages(root, path.join(work, 'pages'));
const failed = wanted.filter((target) => !made(target));
await sumBinaries(TARGETS.map(fileOf));
if (host !== undefined && wanted.includes(host) && !failed.includes(host) && !values.quiet) await printFigures(fileOf(host));
if (failed.length > 0) {
  console.error(`not made: ${failed.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}

function targetsNamed(names: readonly string[]): readonly PackageTarget[] {
  if (names.length === 0 && host === undefined) throw new Error(`nothing is made for ${process.platform}-${process.arch} by itself; name one of ${TARGETS.map(({ name }) => name).join(', ')}`);
  if (names.length === 0) return [host as PackageTarget];
  return names.map((wantedName) => {
    const target = TARGETS.find(({ name }) => name === wantedName);
    if (target === undefined) throw new Error(`there is no target ${wantedName}; there are ${TARGETS.map(({ name }) => name).join(', ')}`);
    return target;
  });
}

function fileOf(target: PackageTarget): string {
  return path.join(into, `ainogap-${target.name}${target.platform === 'win' ? '.exe' : ''}`);
}

/** One target that cannot be made here does not keep the others from being made. */
function made(target: PackageTarget): boolean {
  try {
    make(target);
    const file = fileOf(target);
    console.log(`${path.relative(root, file)}  ${(fs.statSync(file).size / 1e6).toFixed(1)} MB${target.signing === null ? '' : `\n  ${target.signing}`}`);
    return true;
  } catch (error) {
    console.error(`${target.name} cannot be made here: ${(error as Error).message}`);
    return false;
  }
}

function make(target: PackageTarget): void {
  const generator = generatorOf(target);
  const { nodeVersion } = target;
  const components = path.join(work, `components-${nodeVersion}`);
  const licenses = binaryLicenses({ root, metafiles: [...program.metafiles, ...pages.metafiles], nodeFolder: path.resolve(generator, '../..'), nodeVersion, into: components });
  const output = `${fileOf(target)}.${process.pid}`;
  const plan: ExecutablePlan = {
    platform: target.platform,
    arch: target.arch,
    base: baseFor(target),
    folder: work,
    main: PACKED_MAIN,
    assets: { ...assetsFor(target), ...licenses, ...(target === host ? { [MAIN_CODE_CACHE]: codeCacheBy(generator) } : {}) },
    codeCache: target === host,
    output,
  };
  try {
    execFileSync(generator, [path.join(root, 'scripts/make-executable.ts'), JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit'] });
    fs.chmodSync(output, 0o755);
    // Whoever runs the file that was there goes on with that one.
    fs.renameSync(output, fileOf(target));
    writeBinarySbom({ file: fileOf(target), target: target.name, nodeVersion, components });
  } finally {
    fs.rmSync(output, { force: true });
  }
}

/** A Node that runs here, of exactly the version that goes into the file. */
function generatorOf({ nodeVersion }: PackageTarget): string {
  if (process.versions.node === nodeVersion) return process.execPath;
  if (host === undefined) throw new Error(`it takes Node ${nodeVersion} to make it; this is ${process.versions.node}`);
  return nodeBase({ root, name: host.base, version: nodeVersion });
}

/** V8's code of the main bundle; only for the processor that runs here. */
function codeCacheBy(generator: string): string {
  const cache = path.join(work, MAIN_CODE_CACHE);
  execFileSync(generator, [path.join(root, 'scripts/make-code-cache.ts'), path.join(work, MAIN_BUNDLE), cache], { stdio: ['ignore', 'ignore', 'pipe'] });
  return cache;
}

/** A copy of the target's Node without its symbols, where there is a tool for that, and without a signature that would be void. */
function baseFor(target: PackageTarget): string {
  const copy = path.join(work, `node-${target.name}`);
  fs.copyFileSync(nodeBase({ root, name: target.base, version: target.nodeVersion }), copy);
  fs.chmodSync(copy, 0o755);
  if (target.platform === 'linux') attempt(target.arch === process.arch ? 'strip' : 'llvm-strip', ['--strip-unneeded', copy], 'the file keeps symbols and is 18 MB larger');
  if (target.platform === 'win' && attempt('osslsigncode', ['remove-signature', '-in', copy, '-out', `${copy}.bare`], "the file keeps Node's signature, which is void")) fs.renameSync(`${copy}.bare`, copy);
  return copy;
}

function attempt(program: string, args: readonly string[], without: string): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.error(`  there is no ${program} here: ${without}`);
    return false;
  }
}

/** What the program reads (src/program-files.ts), by name. */
function assetsFor(target: PackageTarget): Record<string, string> {
  const ofPages = fs.readdirSync(path.join(work, 'pages'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = ofPages.map((entry) => path.join(entry.parentPath, entry.name)).toSorted();
  const addon = path.join(root, 'node_modules/better-sqlite3/prebuilds', `${target.prebuild}.node`);
  const addonVersion = path.join(work, `${target.name}.addon-version`);
  fs.writeFileSync(addonVersion, createHash('sha256').update(fs.readFileSync(addon)).digest('hex').slice(0, 16));
  return {
    'better_sqlite3.node': addon,
    'better_sqlite3.node.version': addonVersion,
    ...Object.fromEntries([MAIN_BUNDLE, ...WORKER_BUNDLES].map((name) => [name, path.join(work, name)])),
    ...Object.fromEntries(files.map((file) => [path.relative(work, file).split(path.sep).join('/'), file])),
  };
}

// The program's bundles, for Node and for the single executable.
// CommonJS on purpose: single executables of Node 24 take no ES module as main, and V8's code cache helps CommonJS
// most. The sources stay ES modules.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions, Metafile } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.ts';
import { liveViewApart, liveViewBuild, liveViewWithin } from './live-view-apart.ts';
import { withoutTopLevelAwaits } from './without-top-level-awaits.ts';

export interface BundleOptions {
  readonly root: string;
  /** The folder that is written. */
  readonly into: string;
  /**
   * For the single executable: everything is within, better-sqlite3's JavaScript too, and what the main bundle loads late
   * is part of it, for there are no files to load it from.
   */
  readonly packed: boolean;
}

/** What runs in threads of its own. */
const WORKERS = {
  'ledger-worker': 'src/ledger/worker.ts',
  'alerts-worker': 'src/alerts/worker.ts',
  'api-worker': 'src/api/worker.ts',
  'tracing-worker': 'src/tracing/worker.ts',
} as const;
export const WORKER_BUNDLES: readonly string[] = Object.keys(WORKERS).map((name) => `${name}.cjs`);
/** The main script of the single executable, which runs the main bundle. */
export const PACKED_MAIN = 'packed-main.cjs';

export function productVersionOf(root: string): string {
  return (JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

export interface BuiltBundles {
  /** What is in them, one for each of the builds that made them. */
  readonly metafiles: readonly Metafile[];
}

/** Writes `ainogap.cjs`, the workers, and the live view's `tui.cjs` or, if `packed`, the executable's main script. */
export async function buildBundles({ root, into, packed }: BundleOptions): Promise<BuiltBundles> {
  const shared = sharedOptions(root, packed);
  const program = await build({
    ...shared,
    entryPoints: { ainogap: path.join(root, 'src/main.ts'), ...(packed ? { 'packed-main': path.join(root, 'src/packed-main.ts') } : {}), ...Object.fromEntries(Object.entries(WORKERS).map(([name, file]) => [name, path.join(root, file)])) },
    outdir: into,
    outExtension: { '.js': '.cjs' },
    plugins: [lazyBuiltins, ...(packed ? [liveViewWithin(root), withoutTopLevelAwaits] : [liveViewApart])],
  });
  const apart = packed ? [] : [await build(liveViewBuild(root, into, shared))];
  return { metafiles: [program, ...apart].map(({ metafile }) => metafile) };
}

function sharedOptions(root: string, packed: boolean) {
  // The executable's assets are found by names relative to its folder (src/program-files.ts).
  const here = packed ? 'process.execPath' : '__filename';
  return {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: packed ? 'node24' : 'node22',
    external: packed ? [] : ['better-sqlite3'],
    // What stays a dynamic import is the live view's bundle, which is CommonJS too.
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: packed ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    banner: { js: `const __url=require('node:url').pathToFileURL(${here}).href;` },
    define: {
      'import.meta.url': '__url',
      __AINOGAP_VERSION__: JSON.stringify(productVersionOf(root)),
      ...(packed ? { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' } : {}),
    },
    absWorkingDir: root,
  } as const satisfies BuildOptions;
}

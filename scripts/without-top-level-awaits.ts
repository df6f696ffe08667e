// CommonJS knows no top-level await. Ink 8 has two, both for development only, and Yoga has one: it compiles its
// WebAssembly. These lines are replaced while bundling, and the build fails when they are no longer as they were.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Plugin } from 'esbuild';

function replaceOnce(file: string, text: string, [from, to]: readonly [string, string]): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file}: found ${JSON.stringify(from)} ${parts.length - 1} times instead of once; the package has changed, look again`);
  return parts.join(to);
}

const edited = (file: string, edits: readonly (readonly [string, string])[]): string =>
  edits.reduce((text, edit) => replaceOnce(file, text, edit), fs.readFileSync(file, 'utf8'));

const INK: readonly (readonly [string, string])[] = [
  ["await import('./devtools.js');", ''],
  ['const loaded = await loadPackageJson();', 'const loaded = {};'],
];

/** The default export is a live binding: what is loaded after `yogaReady` sees the real thing. */
const YOGA: readonly (readonly [string, string])[] = [
  [
    'const Yoga = wrapAssembly(await loadYoga());\nexport default Yoga;',
    'let Yoga;\nexport const yogaReady = loadYoga().then((assembly) => { Yoga = wrapAssembly(assembly); });\nexport { Yoga as default };',
  ],
];

export const withoutTopLevelAwaits: Plugin = {
  name: 'without-top-level-awaits',
  setup(build) {
    build.onLoad({ filter: /[\\/]ink[\\/]build[\\/]reconciler\.js$/ }, ({ path: file }) => ({ contents: edited(file, INK), resolveDir: path.dirname(file) }));
    build.onLoad({ filter: /[\\/]yoga-layout[\\/]dist[\\/]src[\\/]index\.js$/ }, ({ path: file }) => ({ contents: edited(file, YOGA), resolveDir: path.dirname(file) }));
  },
};

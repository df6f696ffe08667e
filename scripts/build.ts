// npm run build -> dist/ainogap.cjs, the workers of ledger, alerts and API, dist/tui.cjs and dist/pages.
// CommonJS on purpose: single executables of Node 24 take no ES module as main, and V8's code cache
// helps CommonJS most. The sources stay ES modules.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { buildPages } from './build-pages.ts';
import { liveViewApart, liveViewBuild } from './live-view-apart.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
/** Made whole beside it first: what runs meanwhile never meets half a program. */
const made = path.join(root, `dist.${process.pid}`);
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['better-sqlite3'],
  // What stays a dynamic import is the live view's bundle, which is CommonJS too.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': '__url', __AINOGAP_VERSION__: JSON.stringify(version) },
};

process.once('exit', () => fs.rmSync(made, { recursive: true, force: true }));
await build({
  ...shared,
  entryPoints: {
    ainogap: path.join(root, 'src/main.ts'),
    'ledger-worker': path.join(root, 'src/ledger/worker.ts'),
    'alerts-worker': path.join(root, 'src/alerts/worker.ts'),
    'api-worker': path.join(root, 'src/api/worker.ts'),
  },
  outdir: made,
  outExtension: { '.js': '.cjs' },
  plugins: [liveViewApart],
});
await build(liveViewBuild(root, made, shared));
await buildPages(root, path.join(made, 'pages'));

fs.mkdirSync(dist, { recursive: true });
const files = fs.readdirSync(made);
const replaced = `${made}.replaced`;
fs.mkdirSync(replaced);
process.once('exit', () => fs.rmSync(replaced, { recursive: true, force: true }));
for (const file of files) {
  // A folder is not replaced by a rename as a file is.
  if (fs.statSync(path.join(dist, file), { throwIfNoEntry: false })?.isDirectory()) fs.renameSync(path.join(dist, file), path.join(replaced, file));
  fs.renameSync(path.join(made, file), path.join(dist, file));
}
for (const file of fs.readdirSync(dist)) if (!files.includes(file)) fs.rmSync(path.join(dist, file), { recursive: true });

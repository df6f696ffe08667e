// npm run build -> dist/ainogap.cjs and dist/ledger-worker.cjs.
// CommonJS on purpose: single executables of Node 24 take no ES module as main, and V8's code cache
// helps CommonJS most. The sources stay ES modules.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

fs.rmSync(dist, { recursive: true, force: true });
await build({
  entryPoints: {
    ainogap: path.join(root, 'src/main.ts'),
    'ledger-worker': path.join(root, 'src/ledger/worker.ts'),
  },
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['better-sqlite3'],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': '__url', __AINOGAP_VERSION__: JSON.stringify(version) },
});

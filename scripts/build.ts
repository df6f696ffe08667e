// npm run build -> dist/ainogap.cjs, the workers of ledger, alerts, API and traces, dist/tui.cjs, dist/pages and the
// licences of all that they contain.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildPages } from './build-pages.ts';
import { buildBundles } from './bundles.ts';
import { writeComponents } from './ship/write-components.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
/** Made whole beside it first: what runs meanwhile never meets half a program. */
const made = path.join(root, `dist.${process.pid}`);

process.once('exit', () => fs.rmSync(made, { recursive: true, force: true }));
const program = await buildBundles({ root, into: made, packed: false });
const pages = await buildPages(root, path.join(made, 'pages'));
writeComponents({ root, into: made, metafiles: [...program.metafiles, ...pages.metafiles] });

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

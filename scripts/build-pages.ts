// The pages of both consoles -> dist/pages: ES modules that share chunks, names with a hash of the content, each file
// also compressed beforehand, and manifest.json, from which the gateway serves them.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { buildDocs } from './build-docs.ts';
import { pageShell } from './page-shell.ts';

/** All files of both consoles together, as a browser that takes brotli loads them; gzip is bounded the same. */
const BUDGET_BYTES = 250_000;

export interface PageFile {
  /** Relative to the folder of the manifest. */
  readonly file: string;
  readonly type: string;
  /** There is `file.br` and `file.gz`. */
  readonly encodings: readonly ('br' | 'gzip')[];
}
export interface PageManifest {
  /** By the path of the request, such as `/assets/console-ABC.js`. */
  readonly files: Readonly<Record<string, PageFile>>;
  /** The pages themselves, relative to the folder of the manifest. */
  readonly shells: Readonly<Record<'console' | 'admin', string>>;
}

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const NAV = {
  console: { tag: '', title: 'ainogap', nav: ['Overview', 'Keys', 'Requests', 'Statements', 'Top up', 'Connect', 'Security'] },
  admin: { tag: 'admin', title: 'ainogap admin', nav: ['Overview', 'Requests', 'Usage', 'Alerts', 'Buyers', 'Keys', 'Routes', 'Upstreams', 'Ledger', 'Audit', 'Access', 'Settings', 'Security', 'Docs'] },
} as const;
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#15171c"/>${[6, 12, 9, 5, 14]
  .map((height, bar) => `<rect x="${(4 + bar * 3.4).toFixed(1)}" y="${19 - height}" width="2.4" height="${height}" rx=".8" fill="#fff"/>`)
  .join('')}</svg>\n`;

export interface BuiltPages {
  /** What is in them, one for each of the builds that made them. */
  readonly metafiles: readonly Metafile[];
}
interface PageSizes {
  plain: number;
  gzip: number;
  br: number;
}

/** Writes `folder` whole; throws when the pages are above their budget. */
export async function buildPages(root: string, folder: string): Promise<BuiltPages> {
  const pages = path.join(root, 'src/console');
  const assets = path.join(folder, 'assets');
  fs.mkdirSync(assets, { recursive: true });
  const { metafile } = await build({
    entryPoints: { console: path.join(pages, 'console.tsx'), admin: path.join(pages, 'admin.tsx'), main: path.join(pages, 'styles/main.css') },
    outdir: assets,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    minify: true,
    metafile: true,
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
    absWorkingDir: root,
  });
  const first = await build({ entryPoints: [path.join(pages, 'first-paint.ts')], outdir: assets, bundle: true, format: 'iife', minify: true, metafile: true, entryNames: '[name]-[hash]', absWorkingDir: root, target: 'es2022' });
  const icon = `icon-${createHash('sha256').update(ICON).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  fs.writeFileSync(path.join(assets, icon), ICON);

  const firstFile = outputOf(first.metafile, 'src/console/first-paint.ts').name;
  const main = outputOf(metafile, 'src/console/styles/main.css').name;
  for (const shell of ['console', 'admin'] as const) {
    const { name, imports, style } = outputOf(metafile, `src/console/${shell}.tsx`);
    const styles = [main, ...(style === undefined ? [] : [style])];
    const html = pageShell({ ...NAV[shell], styles: styles.map(asset), first: asset(firstFile), entry: asset(name), preload: imports.map(asset), icon: asset(icon) });
    fs.writeFileSync(path.join(folder, `${shell}.html`), html);
  }
  const docs = await buildDocs(root, folder);
  compress(folder);
  return { metafiles: [metafile, first.metafile, docs] };
}

const asset = (name: string): string => `/assets/${name}`;

/** The output that an entry became, what it loads at once, and the style sheet that came of its imports. */
function outputOf(metafile: Metafile, entry: string): { readonly name: string; readonly imports: readonly string[]; readonly style: string | undefined } {
  const found = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
  if (found === undefined) throw new Error(`build-pages: ${entry} was not built`);
  const [file, output] = found;
  const imports = output.imports.filter(({ kind }) => kind === 'import-statement').map((imported) => path.basename(imported.path));
  return { name: path.basename(file), imports, style: output.cssBundle === undefined ? undefined : path.basename(output.cssBundle) };
}

function compress(folder: string): void {
  const files: Record<string, PageFile> = {};
  const sizes: PageSizes = { plain: 0, gzip: 0, br: 0 };
  for (const name of fs.readdirSync(path.join(folder, 'assets')).toSorted()) {
    const content = fs.readFileSync(path.join(folder, 'assets', name));
    const br = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
    const gzip = gzipSync(content, { level: 9 });
    fs.writeFileSync(path.join(folder, 'assets', `${name}.br`), br);
    fs.writeFileSync(path.join(folder, 'assets', `${name}.gz`), gzip);
    files[asset(name)] = { file: `assets/${name}`, type: TYPES[path.extname(name)] ?? 'application/octet-stream', encodings: ['br', 'gzip'] };
    sizes.plain += content.length;
    sizes.gzip += gzip.length;
    sizes.br += br.length;
  }
  const manifest: PageManifest = { files, shells: { console: 'console.html', admin: 'admin.html' } };
  fs.writeFileSync(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(`pages: ${Object.keys(files).length} files, ${kilobytes(sizes.plain)}; gzip ${kilobytes(sizes.gzip)}, brotli ${kilobytes(sizes.br)} of ${kilobytes(BUDGET_BYTES)} allowed`);
  if (sizes.gzip > BUDGET_BYTES) throw new Error(`build-pages: the pages are ${kilobytes(sizes.gzip)} compressed, above their ${kilobytes(BUDGET_BYTES)}`);
}

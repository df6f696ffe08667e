// The docs' own style and script, small and without React, beside the consoles' files; and the guide, which is filled
// in and rendered when it is asked for.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Writes `assets/docs-HASH.js`, `assets/docs-HASH.css` and `guide/*.md` below `folder`; returns what is in them. */
export async function buildDocs(root: string, folder: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: ['browser/docs.ts', 'styles/docs.css'].map((file) => ({ in: path.join(root, 'src/docs', file), out: 'docs' })),
    outdir: path.join(folder, 'assets'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    minify: true,
    metafile: true,
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    absWorkingDir: root,
  });
  fs.cpSync(path.join(root, 'docs/guide'), path.join(folder, 'guide'), { recursive: true });
  return metafile;
}

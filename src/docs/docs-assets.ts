/** Where the docs' style and scripts are, by the manifest of the built pages. Without a build the pages come plain. */
import { fileURLToPath } from 'node:url';
import { hasProgramFile, readProgramText } from '../program-files.ts';

export interface DocsAssets {
  readonly style: string | null;
  readonly script: string | null;
  /** Shows the theme before the first paint. */
  readonly firstPaint: string | null;
  readonly icon: string | null;
}

const here = fileURLToPath(import.meta.url);
const MANIFEST = fileURLToPath(new URL(here.endsWith('.ts') ? '../../dist/pages/manifest.json' : './pages/manifest.json', import.meta.url));

export function readDocsAssets(manifest: string = MANIFEST): DocsAssets {
  const files = filesOf(manifest);
  const find = (pattern: RegExp): string | null => files.find((file) => pattern.test(file)) ?? null;
  return {
    style: find(/^\/assets\/docs-\w+\.css$/),
    script: find(/^\/assets\/docs-\w+\.js$/),
    firstPaint: find(/^\/assets\/first-paint-\w+\.js$/),
    icon: find(/^\/assets\/icon-\w+\.svg$/),
  };
}

function filesOf(manifest: string): string[] {
  if (!hasProgramFile(manifest)) return [];
  const { files } = JSON.parse(readProgramText(manifest)) as { files: Record<string, unknown> };
  return Object.keys(files);
}

/** The pages of the guide, in the order in which they are read. */
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProgramText } from '../program-files.ts';

/** Their names in URLs, and of their files; the first is `/docs` itself. */
export const GUIDE_SLUGS = ['quick-start', 'models', 'requests', 'token-classes', 'caching', 'errors', 'keys', 'claude-code', 'console'] as const;
export type GuideSlug = (typeof GUIDE_SLUGS)[number];

export interface GuidePage {
  readonly slug: GuideSlug;
  readonly path: string;
  /** The first heading. */
  readonly title: string;
  /** The first paragraph, as plain text of one line. */
  readonly summary: string;
  /** Markdown with what `fillIn` fills in. */
  readonly markdown: string;
}

const here = fileURLToPath(import.meta.url);
/** Beside the bundle, or in the repository. */
const FOLDER = fileURLToPath(new URL(here.endsWith('.ts') ? '../../docs/guide/' : './pages/guide/', import.meta.url));

export const guidePath = (slug: GuideSlug): string => (slug === GUIDE_SLUGS[0] ? '/docs' : `/docs/${slug}`);

/** Throws when a page is missing or does not begin with a heading and a paragraph. */
export function readGuide(folder: string = FOLDER): GuidePage[] {
  return GUIDE_SLUGS.map((slug) => {
    const markdown = readProgramText(path.join(folder, `${slug}.md`));
    const match = /^# (.+)\n\n((?:.+\n)+)/.exec(markdown);
    if (match === null) throw new Error(`docs/guide/${slug}.md does not begin with a heading and a paragraph`);
    const [, title = '', first = ''] = match;
    return { slug, path: guidePath(slug), title, summary: plainText(first), markdown };
  });
}

/** Markdown of one paragraph without its marks. */
function plainText(paragraph: string): string {
  return paragraph.replaceAll('\n', ' ').replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '').trim();
}

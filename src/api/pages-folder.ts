/** Where the built pages are: beside the bundle, or in `dist` when the sources run. */
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

export const PAGES_FOLDER = fileURLToPath(new URL(here.endsWith('.ts') ? '../../dist/pages/' : './pages/', import.meta.url));

/** What the build leaves beside the program for commands to print: beside the bundle, or in `dist` when the sources run. */
import { fileURLToPath } from 'node:url';
import { hasProgramFile, readProgramText } from '../program-files.ts';

const here = fileURLToPath(import.meta.url);
const FOLDER = here.endsWith('.ts') ? '../../dist/' : './';

export type BuiltFile = 'licenses.txt' | 'components.json';

/** The whole text; null when the program is not built. */
export function readBuiltFile(name: BuiltFile): string | null {
  const file = fileURLToPath(new URL(`${FOLDER}${name}`, import.meta.url));
  return hasProgramFile(file) ? readProgramText(file) : null;
}

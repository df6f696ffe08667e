/** Where the worker's program is: beside this module, as source or as bundled. */
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

export const WORKER_FILE = new URL(here.endsWith('.ts') ? './worker.ts' : './ledger-worker.cjs', import.meta.url);

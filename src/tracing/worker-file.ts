/** Where the worker's program is: beside this module, as source or as bundled. */
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

export const TRACING_WORKER_FILE = new URL(here.endsWith('.ts') ? './worker.ts' : './tracing-worker.cjs', import.meta.url);

/** The pages of the console and the panel: shells that load at once, and their files, compressed when they were built. */
import * as path from 'node:path';
import type { Context } from 'hono';
import type { ApiApp, ApiEnv } from './api-app.ts';
import { ApiError } from './api-error.ts';
import { hasProgramFile, readProgramFile, readProgramText } from '../program-files.ts';
import { PAGES_FOLDER } from './pages-folder.ts';

/** As scripts/build-pages.ts writes it. */
interface Manifest {
  readonly files: Readonly<Record<string, { readonly file: string; readonly type: string; readonly encodings: readonly string[] }>>;
  readonly shells: Readonly<Record<'console' | 'admin', string>>;
}

const SUFFIXES: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz' };
/** Their names hold a hash of their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export function registerPages(app: ApiApp, folder: string = PAGES_FOLDER): void {
  const pages = new Pages(folder);
  const shell = (name: 'console' | 'admin') => (c: Context<ApiEnv>) => c.body(pages.shell(name), 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  const to = (target: string) => (c: Context<ApiEnv>) => c.redirect(target, 302);
  app.get('/', to('/console'));
  app.get('/login', to('/console/login'));
  app.get('/connect', to('/console/connect'));
  app.get('/admin', to('/console/admin'));
  app.get('/console/admin/*', shell('admin'));
  app.get('/console/*', shell('console'));
  app.get('/assets/*', (c) => pages.asset(c));
}

class Pages {
  readonly #folder: string;
  readonly #read = new Map<string, Uint8Array<ArrayBuffer>>();
  #manifest: Manifest | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  shell(name: 'console' | 'admin'): Uint8Array<ArrayBuffer> {
    return this.#file(this.#list().shells[name]);
  }

  asset(c: Context<ApiEnv>): Response {
    const { files } = this.#list();
    const wanted = Object.hasOwn(files, c.req.path) ? files[c.req.path] : undefined;
    if (!wanted) throw new ApiError('not_found', 'There is no such file.');
    const encoding = bestEncoding(c.req.header('accept-encoding'), wanted.encodings);
    const headers = { 'content-type': wanted.type, 'cache-control': FOR_EVER, vary: 'accept-encoding', ...(encoding === null ? {} : { 'content-encoding': encoding }) };
    return c.body(this.#file(`${wanted.file}${encoding === null ? '' : (SUFFIXES[encoding] ?? '')}`), 200, headers);
  }

  #list(): Manifest {
    if (this.#manifest === null) {
      const file = path.join(this.#folder, 'manifest.json');
      if (!hasProgramFile(file)) throw new ApiError('unavailable', 'The pages are not built: run `npm run build`.');
      this.#manifest = JSON.parse(readProgramText(file)) as Manifest;
    }
    return this.#manifest;
  }

  /** Few and small: they stay in memory once they were asked for. */
  #file(name: string): Uint8Array<ArrayBuffer> {
    let bytes = this.#read.get(name);
    if (!bytes) this.#read.set(name, (bytes = readProgramFile(path.join(this.#folder, name))));
    return bytes;
  }
}

/** The first of `offered` that the client takes: a name with `q=0` it does not. */
function bestEncoding(accepted: string | undefined, offered: readonly string[]): string | null {
  const taken = new Set((accepted ?? '').toLowerCase().split(',').filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part)).map((part) => part.split(';')[0]?.trim()));
  return offered.find((name) => taken.has(name) && name in SUFFIXES) ?? null;
}

// Node's own modules are loaded when something of theirs is used, not when a file that imports them is loaded: `crypto`
// alone takes a fifth of the time that a bare Node needs to start, and `key list` needs nothing of it.
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/** Those that cost something and are objects: a module that is a function (`stream`) can have no stand-in. */
const LAZY = [
  ...['async_hooks', 'child_process', 'crypto', 'dgram', 'diagnostics_channel', 'dns', 'fs/promises', 'http', 'http2', 'https', 'net', 'os', 'perf_hooks'],
  ...['readline', 'readline/promises', 'sea', 'string_decoder', 'tls', 'tty', 'v8', 'vm', 'worker_threads', 'zlib'],
];

const require = createRequire(import.meta.url);

export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?[a-z][a-z0-9_/]*$/ }, ({ path, namespace }) => {
      const name = path.replace(/^node:/, '');
      if (namespace === 'lazy-builtin' || !LAZY.includes(name)) return undefined;
      return { path: name, namespace: 'lazy-builtin' };
    });
    build.onLoad({ filter: /./, namespace: 'lazy-builtin' }, ({ path: name }) => {
      const getters = Object.keys(require(`node:${name}`) as object).map((key) => `get ${JSON.stringify(key)}() { return loaded()[${JSON.stringify(key)}]; }`);
      return { contents: `let it; const loaded = () => (it ??= require('node:${name}'));\nmodule.exports = {\n${getters.join(',\n')}\n};`, loader: 'js' };
    });
  },
};

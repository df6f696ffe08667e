// The live view brings React, Ink and Yoga: half a megabyte that only `ainogap top` on a terminal should load. It is a
// bundle of its own, which the main one requires when it comes to it.
import * as path from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { withoutTopLevelAwaits } from './without-top-level-awaits.ts';

const OPEN_TUI = 'src/tui/open-tui.ts';

/** For the main bundle: the import of the live view stays an import, of the other bundle. */
export const liveViewApart: Plugin = {
  name: 'live-view-apart',
  setup(build) {
    build.onResolve({ filter: /\/open-tui\.ts$/ }, ({ kind, importer }) => {
      if (kind === 'dynamic-import') return { path: './tui.cjs', external: true };
      if (kind === 'entry-point') return undefined;
      return { errors: [{ text: `${importer} imports the live view at its start; that must be a dynamic import` }] };
    });
  },
};

/** For the single executable, which has no files to require: the live view is part of the main bundle, and still loaded late. */
export const liveViewWithin = (root: string): Plugin => ({
  name: 'live-view-within',
  setup(build) {
    const direct = { direct: true };
    build.onResolve({ filter: /\/open-tui\.ts$/ }, ({ kind, pluginData }) =>
      kind === 'dynamic-import' && pluginData !== direct ? { path: 'live-view', namespace: 'live-view' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'live-view' }, () => ({ contents: LIVE_VIEW, resolveDir: root, pluginData: direct }));
  },
});

/** Ink reads Yoga's constants as it is loaded, so it is loaded only when they are there. */
const LIVE_VIEW = `import { yogaReady } from 'yoga-layout';
export async function openTui(options) {
  await yogaReady;
  const view = await import(${JSON.stringify(`./${OPEN_TUI}`)});
  return view.openTui(options);
}`;

/** The options of the live view's own bundle, `tui.cjs` in `dist`. */
export function liveViewBuild<Shared extends BuildOptions>(root: string, dist: string, shared: Shared) {
  return {
    ...shared,
    stdin: {
      resolveDir: root,
      sourcefile: 'live-view.js',
      contents: LIVE_VIEW,
    },
    outfile: path.join(dist, 'tui.cjs'),
    plugins: [withoutTopLevelAwaits],
    define: { ...shared.define, 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  };
}

// node scripts/make-executable.ts JSON: puts program and assets into a copy of a Node, by pkg's way of a plain Node single
// executable. To be run by exactly the Node version that goes into it, for the layout of what is put in is that version's.
import * as path from 'node:path';
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';

export interface ExecutablePlan {
  readonly platform: 'linux' | 'macos' | 'win';
  readonly arch: 'x64' | 'arm64';
  /** The executable of the target's Node. */
  readonly base: string;
  /** The folder of `main`; pkg works in it too, so that no path of this machine gets into the file. */
  readonly folder: string;
  /** The main bundle's name. */
  readonly main: string;
  /** By the name that the program asks for. */
  readonly assets: Readonly<Record<string, string>>;
  /** V8's code cache of the main bundle: only where this machine's processor is the target's. */
  readonly codeCache: boolean;
  readonly output: string;
}

const plan = JSON.parse(process.argv[2] as string) as ExecutablePlan;
process.env['TMPDIR'] = plan.folder;
await pkg.default(path.join(plan.folder, plan.main), {
  targets: [{ nodeRange: `node${process.versions.node}`, platform: plan.platform, arch: plan.arch, output: plan.output }],
  // The base is ours; this very Node generates what goes into it.
  nodePath: plan.base,
  useLocalNode: true,
  signature: false,
  seaConfig: {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: plan.codeCache,
    assets: { ...plan.assets },
    // Not in pkg's types, which hand the rest on as it is.
    ...{
      // Relative to pkg's own folder below ours.
      main: `../${plan.main}`,
      // The user's NODE_OPTIONS does not reach the product.
      execArgvExtension: 'none',
    },
  },
});

// Which packages the bundles hold, and which of them calls which, read from what esbuild says of its outputs.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';

/** Stands for the program itself, which belongs to no package. */
export const OWN = '';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Relative to the root, as the lockfile names it: `node_modules/ink`. */
  readonly folder: string;
  /** Its files that ended up in an output, relative to the folder. */
  readonly files: readonly string[];
}
export interface Bundled {
  /** In the order of their folders. */
  readonly packages: readonly BundledPackage[];
  /** By folder, `OWN` for the program: the folders of the packages it imports, those that stay outside the bundles too. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The folder of the package that a file belongs to; `OWN` for the program's own. */
const folderOf = (file: string): string => PACKAGE.exec(file)?.[0] ?? OWN;

/** `metafiles` are those of builds with `root` as their `absWorkingDir`. What was imported but left out whole does not count. */
export function bundledPackages(root: string, metafiles: readonly Metafile[]): Bundled {
  const files = new Map<string, Set<string>>();
  const imports = new Map<string, Set<string>>();
  for (const metafile of metafiles) {
    for (const file of filesWithin(metafile)) {
      const folder = folderOf(file);
      if (folder !== OWN) added(files, folder, path.posix.relative(folder, file));
      for (const imported of metafile.inputs[file]?.imports ?? []) {
        const callee = folderOf(imported.external === true ? `node_modules/${imported.path}` : imported.path);
        if (callee !== OWN && callee !== folder) added(imports, folder, callee);
      }
    }
  }
  const packages = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([folder, within]) => ({ ...nameOf(root, folder), folder, files: [...within].toSorted() }));
  return { packages, imports };
}

function filesWithin({ outputs }: Metafile): Set<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file));
}

function added(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function nameOf(root: string, folder: string): { readonly name: string; readonly version: string } {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  if (name === undefined || version === undefined) throw new Error(`${folder}: its package.json has no name and version`);
  return { name, version };
}

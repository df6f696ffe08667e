// What comes with a single executable: inside it the licences of all that it contains, Node.js included; beside it an SBOM
// and SHA256SUMS of everything that was made.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import { nodeLicenseIn, nodeRuntime } from './node-runtime.ts';
import { sbomText } from './sbom.ts';
import { sha256Sums } from './sha256-sums.ts';
import { COMPONENTS_FILE, LICENSES_FILE, readComponents, writeComponents } from './write-components.ts';

export interface BinaryLicenses {
  readonly root: string;
  /** Of every build that made a part of the program. */
  readonly metafiles: readonly Metafile[];
  /** Unpacked distribution of the Node.js that goes in, of whichever platform: its licence is that of the version. */
  readonly nodeFolder: string;
  readonly nodeVersion: string;
  /** A folder for the files, which may be there. */
  readonly into: string;
}

/** Writes what `ainogap licenses` reads in a binary; returns it as assets, by name. */
export function binaryLicenses({ root, metafiles, nodeFolder, nodeVersion, into }: BinaryLicenses): Record<string, string> {
  fs.mkdirSync(into, { recursive: true });
  writeComponents({ root, metafiles, into, runtime: { ...nodeRuntime(nodeVersion), licenseText: nodeLicenseIn(nodeFolder) } });
  return Object.fromEntries([LICENSES_FILE, COMPONENTS_FILE].map((name) => [name, path.join(into, name)]));
}

export interface BinarySbom {
  readonly file: string;
  /** `linux-x64`. */
  readonly target: string;
  readonly nodeVersion: string;
  /** Where `binaryLicenses` wrote its files. */
  readonly components: string;
}

const sbomOf = (file: string): string => `${file}.cdx.json`;

/** Writes `FILE.cdx.json`. */
export function writeBinarySbom({ file, target, nodeVersion, components }: BinarySbom): void {
  fs.writeFileSync(sbomOf(file), sbomText({ document: readComponents(components), runtime: nodeRuntime(nodeVersion), binary: { file, target } }));
}

/** Sums of those of the binaries that are there, whenever they were made, and of their SBOMs. */
export async function sumBinaries(files: readonly string[]): Promise<void> {
  const there = files.flatMap((file) => [file, sbomOf(file)]).filter((file) => fs.existsSync(file));
  if (there.length > 0) await sha256Sums(there);
}

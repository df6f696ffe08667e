// The Node.js that the product runs on, or brings: its version, its licences and what it is made of.
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface NodeRuntime {
  /** Its package URL. */
  readonly id: string;
  readonly version: string;
  /** Its own licence with those of all it contains, as one text. */
  readonly licenseText: string;
  /** Versions by name, as in `process.versions`; empty where it could not be asked. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Not libraries but numbers of interfaces and tables, or Node itself. */
const NO_PARTS: ReadonlySet<string> = new Set(['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']);

/** `version` without a `v`; what it is made of is known when this process runs on the same version. */
export function nodeRuntime({ version, licenseText }: { readonly version: string; readonly licenseText: string }): NodeRuntime {
  if (!licenseText.includes('Node.js is licensed for use as follows')) throw new Error(`the licence of Node ${version} is not that of Node.js`);
  const parts = version === process.versions.node ? Object.entries(process.versions).filter((entry): entry is [string, string] => !NO_PARTS.has(entry[0]) && (entry[1] ?? '') !== '') : [];
  return { id: `pkg:generic/node@${version}`, version, licenseText, parts: Object.fromEntries(parts) };
}

/** That of an unpacked distribution: a folder with `LICENSE` and, as the Node that `npm ci` brings has it, `package.json`. */
export function nodeRuntimeIn(folder: string): NodeRuntime {
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return nodeRuntime({ version, licenseText: fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8') });
}

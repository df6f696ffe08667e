// The Node.js that the product runs on, or brings: its version, what it is made of, and its licence.
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface NodeRuntime {
  /** Its package URL. */
  readonly id: string;
  readonly version: string;
  /** Versions by name, as in `process.versions`; empty where it could not be asked. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Not libraries but numbers of interfaces and tables, or Node itself. */
const NO_PARTS: ReadonlySet<string> = new Set(['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']);

/** `version` without a `v`; what it is made of is known when this process runs on the same version. */
export function nodeRuntime(version: string): NodeRuntime {
  const known = version === process.versions.node ? Object.entries(process.versions) : [];
  const parts = known.filter((entry): entry is [string, string] => !NO_PARTS.has(entry[0]) && (entry[1] ?? '') !== '');
  return { id: `pkg:generic/node@${version}`, version, parts: Object.fromEntries(parts) };
}

/** The licence in an unpacked distribution of Node.js. Throws when it is another's. */
export function nodeLicenseIn(folder: string): string {
  const text = fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8');
  if (!text.startsWith('Node.js is licensed for use as follows')) throw new Error(`${folder} has no licence of Node.js`);
  return text;
}

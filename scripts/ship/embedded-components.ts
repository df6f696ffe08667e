// What is inside the packages that are inside the program: software of others that came without a package of its own.
import * as fs from 'node:fs';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import type { BundledPackage } from './bundled-packages.ts';
import { licenseText } from './package-license.ts';

export interface Embedded {
  readonly name: string;
  /** Absent where its host does not say. */
  readonly version?: string;
  readonly purl?: string;
  /** SPDX identifier. */
  readonly license: string;
  readonly texts: readonly string[];
}

interface Rule extends Embedded {
  readonly host: string;
  /** It is there when one of these files is. */
  readonly files: RegExp;
}

const mit = (name: string, host: string, files: RegExp, text: string): Rule => ({ name, host, files, license: 'MIT', texts: [licenseText(text)] });

const RULES: readonly Rule[] = [
  mit('llhttp', 'undici', /^lib\/llhttp\/llhttp/, 'llhttp.txt'),
  mit('ws', 'undici', /^lib\/web\/websocket\/frame\.js$/, 'ws.txt'),
  mit('formdata-polyfill', 'undici', /^lib\/web\/fetch\/body\.js$/, 'formdata-polyfill.txt'),
  mit('qr-code-generator', 'uqr', /^dist\//, 'qr-code-generator.txt'),
];

/** What comes within a bundled package. */
export function embeddedIn({ name, files }: BundledPackage): readonly Embedded[] {
  return RULES.filter((rule) => rule.host === name && files.some((file) => rule.files.test(file))).map(({ host: _host, files: _files, ...embedded }) => embedded);
}

/** The SQLite inside better-sqlite3's addon, by its own word. `folder` is that of the package. */
export function sqliteWithin(folder: string): Embedded & { readonly version: string } {
  const db = new Database(':memory:');
  const version = db.prepare('SELECT sqlite_version()').pluck().get() as string;
  db.close();
  return { name: 'SQLite', version, purl: `pkg:generic/sqlite@${version}`, license: 'blessing', texts: [`SQLite is in the public domain. Its source code says:\n\n${blessing(path.join(folder, 'deps/sqlite3/sqlite3.c'))}`] };
}

/** The first comment with the blessing stands within the first kilobytes of an amalgamation of nine megabytes. */
function blessing(file: string): string {
  const start = Buffer.alloc(8192);
  const descriptor = fs.openSync(file, 'r');
  fs.readSync(descriptor, start, 0, start.length, 0);
  fs.closeSync(descriptor);
  const found = /\*\* (The author disclaims copyright[\s\S]*?May you share freely, never taking more than you give\.)/.exec(start.toString('utf8'));
  if (found === null) throw new Error(`${file} does not begin with SQLite's blessing any more; look at what its licence is`);
  return (found[1] as string).replace(/^\*\* ?/gm, '').trim();
}

// A package's licence: its SPDX id and the texts that have to go wherever the package goes. What is not known to allow
// that stops the build.
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface License {
  /** SPDX identifier. */
  readonly id: string;
  readonly texts: readonly string[];
}

/** Licences that allow the package inside a program under the MIT licence, with no more duty than to pass their text on. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages that name a licence and leave its text in their repository, where these are from. */
const TEXTS_ELSEWHERE: Readonly<Record<string, string>> = {
  '@hono/zod-openapi': 'hono-middleware.txt',
  '@hono/zod-validator': 'hono-middleware.txt',
  wouter: 'wouter.txt',
  'yoga-layout': 'yoga-layout.txt',
};

const LICENSE_FILE = /^(?:(?:un)?licen[sc]e|copying)(?![a-z])/i;
const NOTICE_FILE = /^notice(?![a-z])/i;
const TEXTS = path.join(import.meta.dirname, 'license-texts');

/** Throws, in words for who added the package, when it may not be bundled or lacks a text. */
export function packageLicense(folder: string): License {
  const { name, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string; license?: unknown };
  if (typeof license !== 'string' || !ALLOWED.has(license))
    throw new Error(`${name} is under ${license === undefined ? 'no licence' : JSON.stringify(license)}, and these may be bundled: ${[...ALLOWED].join(', ')}`);
  const files = fs.readdirSync(folder).toSorted();
  const read = (pattern: RegExp): string[] => files.filter((file) => pattern.test(file)).map((file) => tidy(fs.readFileSync(path.join(folder, file), 'utf8')));
  const own = read(LICENSE_FILE);
  const elsewhere = TEXTS_ELSEWHERE[name];
  if (own.length === 0 && elsewhere === undefined) throw new Error(`${name} comes without the text of its licence; put it into scripts/ship/license-texts and name it in package-license.ts`);
  const texts = own.length === 0 ? [licenseText(elsewhere as string)] : own;
  return { id: license, texts: [...texts, ...read(NOTICE_FILE)] };
}

/** One of the texts kept here. */
export function licenseText(file: string): string {
  return tidy(fs.readFileSync(path.join(TEXTS, file), 'utf8'));
}

/** The same text from two packages shall be the same string. */
export function tidy(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** What `ainogap licenses` prints, against the source maps of the built program: another witness of what is in it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageLicense } from '../../scripts/ship/package-license.ts';
import { productVersion } from '../../src/cli/version.ts';
import { openCliFolder, type CliFolder } from '../cli/cli-run.ts';
import { PROJECT, temporaryFolder } from '../support/product.ts';

interface Listed {
  readonly name: string;
  readonly version: string | null;
  readonly license: string;
  readonly purl?: string;
}

let cli: CliFolder;
let printed: string;
let components: readonly Listed[];

beforeAll(async () => {
  cli = openCliFolder();
  const { code, out, err } = await cli.run(['licenses']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  printed = out;
  ({ components } = (await cli.json('licenses')) as { components: Listed[] });
});
afterAll(() => cli.remove());

/** Folders of packages whose files the maps of the bundles name, and of some that only the pages have. */
function packageFolders(): string[] {
  const maps = fs.readdirSync(path.join(PROJECT, 'dist')).filter((file) => file.endsWith('.map'));
  const sources = maps.flatMap((file) => (JSON.parse(fs.readFileSync(path.join(PROJECT, 'dist', file), 'utf8')) as { sources: string[] }).sources);
  const folders = sources.flatMap((source) => /^\.\.\/((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(source)?.slice(1) ?? []);
  const ofPages = ['react-dom', 'wouter', '@tanstack/query-core', 'd3-scale', 'uqr', '@simplewebauthn/browser'].map((name) => `node_modules/${name}`);
  return [...new Set([...folders, ...ofPages, 'node_modules/better-sqlite3'])];
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

test('every package in the program is listed with its version, and its licence is printed whole', () => {
  const text = inOneLine(printed);
  const folders = packageFolders();
  expect(folders.length).toBeGreaterThan(70);
  const missing = folders.flatMap((folder) => {
    const { name, version } = JSON.parse(fs.readFileSync(path.join(PROJECT, folder, 'package.json'), 'utf8')) as { name: string; version: string };
    const file = fs.readdirSync(path.join(PROJECT, folder)).find((entry) => /^licen[sc]e/i.test(entry));
    const listed = components.some((one) => one.name === name && one.version === version && one.purl === `pkg:npm/${name.replace('@', '%40')}@${version}`);
    const whole = file === undefined || text.includes(inOneLine(fs.readFileSync(path.join(PROJECT, folder, file), 'utf8')));
    return [...(listed ? [] : [`${name} ${version} is not listed`]), ...(whole ? [] : [`the licence of ${name} ${version} is not printed`])];
  });
  expect(missing).toEqual([]);
});

test('what has no package of its own is there too: SQLite as it is linked, parsers inside undici, and ainogap itself', () => {
  const version = new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get() as string;
  expect(components).toContainEqual({ name: 'SQLite', version, license: 'blessing', purl: `pkg:generic/sqlite@${version}` });
  expect(components.filter(({ name }) => ['llhttp', 'ws'].includes(name))).toHaveLength(2);
  expect(printed).toContain('May you share freely, never taking more than you give.');
  expect(inOneLine(printed).startsWith(inOneLine(`ainogap ${productVersion()} is under this licence: ${fs.readFileSync(path.join(PROJECT, 'LICENSE'), 'utf8')}`))).toBe(true);
});

test('no text is printed twice, and lines of names fit a terminal', () => {
  const parts = printed.split(/^={80}\n/m).slice(1);
  const texts = parts.filter((_part, at) => at % 2 === 1).map(inOneLine);
  expect(texts.length).toBeGreaterThan(30);
  expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  expect(parts.filter((_part, at) => at % 2 === 0).flatMap((names) => names.split('\n')).filter((line) => line.length > 80)).toEqual([]);
});

describe('the build refuses a package', () => {
  const licenseOf = (manifest: object, files: Readonly<Record<string, string>> = {}) => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'odd', version: '1.0.0', ...manifest }));
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    return packageLicense(folder);
  };

  test.each([
    ['whose licence asks for more', { license: 'GPL-3.0-only' }, /odd is under "GPL-3\.0-only", and these may be bundled: 0BSD, /],
    ['that has none', {}, /odd is under no licence, /],
    ['that names a file instead', { license: 'SEE LICENSE IN LICENSE' }, /may be bundled/],
    ['in the form of long ago', { license: { type: 'MIT' } }, /may be bundled/],
  ])('%s', (_, manifest, words) => {
    expect(() => licenseOf(manifest, { LICENSE: 'text' })).toThrow(words);
  });

  test('that comes without the text, and takes notices along with it', () => {
    expect(() => licenseOf({ license: 'MIT' }, { 'README.md': 'MIT' })).toThrow(/odd comes without the text/);
    expect(licenseOf({ license: 'MIT' }, { 'licence.md': '\uFEFF\nA  \r\nB\r\n', 'NOTICE.txt': 'C' })).toEqual({ id: 'MIT', texts: ['A\nB', 'C'] });
  });
});

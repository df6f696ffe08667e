import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterEach, describe, expect, it } from 'vitest';
import { binaryLicenses, sumBinaries, writeBinarySbom } from '../../scripts/ship/binary-papers.ts';
import { nodeLicenseIn, nodeRuntime } from '../../scripts/ship/node-runtime.ts';
import { sbomText } from '../../scripts/ship/sbom.ts';
import { sha256Sums } from '../../scripts/ship/sha256-sums.ts';
import { readComponents } from '../../scripts/ship/write-components.ts';
import { PROJECT, temporaryFolder } from '../support/product.ts';

interface Part {
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly purl?: string;
  readonly 'bom-ref': string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Part[];
}
interface Document {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Part };
  readonly components: readonly Part[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const document = readComponents(path.join(PROJECT, 'dist'));
const runtime = nodeRuntime(process.versions.node);
const npmPackage = (): Document => JSON.parse(sbomText({ document, runtime })) as Document;

afterEach(() => {
  delete process.env['SOURCE_DATE_EPOCH'];
});

describe('the SBOM', () => {
  it('is valid CycloneDX 1.6 by its strict schema', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(sbomText({ document, runtime }))).toBeNull();
    // The validator itself can say no.
    expect(await validator.validate(sbomText({ document, runtime }).replace('"CycloneDX"', '"Cyclone"'))).not.toBeNull();
  });

  it('has every component of the product once, and what Node.js is made of', () => {
    const { components, metadata } = npmPackage();
    expect(metadata.component).toMatchObject({ name: 'ainogap', version: document.product.version, purl: `pkg:npm/ainogap@${document.product.version}` });
    const refs = components.map((part) => part['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(new Set(refs)).toEqual(new Set([...document.components.map(({ id }) => id), runtime.id]));
    const node = components.find(({ name }) => name === 'Node.js');
    expect(node?.version).toBe(process.versions.node);
    expect(node?.components).toContainEqual(expect.objectContaining({ name: 'openssl', version: process.versions['openssl'] }));
  });

  it("gives each package the lockfile's hash and its package URL", () => {
    const { integrity } = (JSON.parse(fs.readFileSync(path.join(PROJECT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { integrity: string }> }).packages['node_modules/@clack/core'] as { integrity: string };
    const part = npmPackage().components.find(({ name, group }) => name === 'core' && group === '@clack');
    expect(part?.purl).toMatch(/^pkg:npm\/%40clack\/core@\d/);
    expect(part?.hashes).toEqual([{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }]);
  });

  it('knows who calls whom, from the imports of the bundles', () => {
    const { dependencies } = npmPackage();
    const called = (name: RegExp): string => dependencies.find(({ ref }) => name.test(ref))?.dependsOn?.join(' ') ?? '';
    expect(called(/^pkg:npm\/ainogap@/)).toMatch(/better-sqlite3.*commander.*ink.*react.*undici/);
    expect(called(/^pkg:npm\/better-sqlite3@/)).toMatch(/pkg:generic\/sqlite@.*node-addon-api/);
    expect(called(/^pkg:npm\/onetime@/)).toMatch(/^pkg:npm\/mimic-fn@[\d.]+$/);
    const listed = new Set(dependencies.map(({ ref }) => ref));
    expect(dependencies.flatMap(({ dependsOn = [] }) => dependsOn.filter((ref) => !listed.has(ref)))).toEqual([]);
  });

  it('is the same bytes each time, with a time only where one is given', () => {
    expect(sbomText({ document, runtime })).toBe(sbomText({ document, runtime }));
    expect(npmPackage()).not.toHaveProperty('serialNumber');
    expect(npmPackage().metadata).not.toHaveProperty('timestamp');
    process.env['SOURCE_DATE_EPOCH'] = '1700000000';
    expect(npmPackage().metadata.timestamp).toBe('2023-11-14T22:13:20.000Z');
    process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
    expect(npmPackage).toThrow(/SOURCE_DATE_EPOCH is seconds/);
  });
});

describe('the papers of a binary', () => {
  const base = path.resolve(process.execPath, '../..');

  it('print the licence of Node.js and of all that it contains, too', () => {
    const nodeFolder = fs.existsSync(path.join(base, 'LICENSE')) ? base : path.join(base, 'share/doc/node');
    const files = binaryLicenses({ root: PROJECT, metafiles: [], nodeFolder, nodeVersion: process.versions.node, into: temporaryFolder() });
    const text = fs.readFileSync(files['licenses.txt'] as string, 'utf8');
    expect(text).toContain('- OpenSSL, located at deps/openssl, is licensed as follows:');
    expect(text).toContain('SQLite is in the public domain');
    expect(readComponents(path.dirname(files['components.json'] as string)).product.dependsOn).toContain(runtime.id);
    expect(() => nodeLicenseIn(PROJECT)).toThrow(/no licence of Node\.js/);
  });

  it('are an SBOM with its target and digest, and sums of all that is there', async () => {
    const folder = temporaryFolder();
    const files = ['ainogap-linux-x64', 'ainogap-win-x64.exe'].map((name) => path.join(folder, name)) as [string, string];
    fs.writeFileSync(files[0], 'binary');
    writeBinarySbom({ file: files[0], target: 'linux-x64', nodeVersion: process.versions.node, components: path.join(PROJECT, 'dist') });
    await sumBinaries(files);
    const { component } = (JSON.parse(fs.readFileSync(`${files[0]}.cdx.json`, 'utf8')) as Document).metadata;
    const digest = createHash('sha256').update('binary').digest('hex');
    expect(component.hashes).toEqual([{ alg: 'SHA-256', content: digest }]);
    expect(component.properties).toEqual([{ name: 'ainogap:target', value: 'linux-x64' }]);
    const sums = fs.readFileSync(path.join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    expect(sums).toEqual([`${digest}  ainogap-linux-x64`, expect.stringMatching(/^[0-9a-f]{64} {2}ainogap-linux-x64\.cdx\.json$/)]);
  });
});

describe('SHA256SUMS', () => {
  const files = (...names: string[]): string[] => {
    const folder = temporaryFolder();
    return names.map((name) => {
      fs.writeFileSync(path.join(folder, name), name);
      return path.join(folder, name);
    });
  };

  it.skipIf(spawnSync('sha256sum', ['--version']).status !== 0)('is what sha256sum checks, and finds a changed file', async () => {
    const [b = '', a = ''] = files('b with a space', 'a.cdx.json');
    const sums = await sha256Sums([b, a]);
    const check = (): string => execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: path.dirname(sums), encoding: 'utf8', stdio: 'pipe' });
    expect(check()).toBe('a.cdx.json: OK\nb with a space: OK\n');
    fs.appendFileSync(a, '!');
    expect(check).toThrow(/a\.cdx\.json: FAILED|did NOT match/);
  });

  it('is of one folder, and of names that it can hold', async () => {
    await expect(sha256Sums([...files('a'), ...files('b')])).rejects.toThrow(/not in 2/);
    await expect(sha256Sums([])).rejects.toThrow(/not in 0/);
    await expect(sha256Sums(files('a\nb'))).rejects.toThrow(/cannot stand/);
  });
});

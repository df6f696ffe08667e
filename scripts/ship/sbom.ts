// The components as a CycloneDX document (https://cyclonedx.org/docs/1.6/json/). The same input gives the same bytes: no
// serial number, and a time only where SOURCE_DATE_EPOCH gives one (https://reproducible-builds.org/specs/source-date-epoch/).
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Component } from './components.ts';
import type { NodeRuntime } from './node-runtime.ts';
import type { ComponentsDocument } from './write-components.ts';

export interface SbomOptions {
  readonly document: ComponentsDocument;
  /** The Node.js that the product runs on: within a binary it is a part of it, otherwise what it was built and tested with. */
  readonly runtime: NodeRuntime;
  /** The binary that is described; absent for the npm package. */
  readonly binary?: { readonly file: string; readonly target: string };
}

const licenseOf = (id: string): Models.License => new Models.SpdxLicense(id);

export function sbomText({ document, runtime, binary }: SbomOptions): string {
  const parts = new Map(document.components.filter(({ id }) => id !== runtime.id).map((component) => [component.id, libraryComponent(component)]));
  const node = runtimeComponent(runtime);
  const all = new Map([...parts, [runtime.id, node]]);
  for (const { id, dependsOn } of document.components) for (const other of dependsOn) all.get(id)?.dependencies.add(bomRefOf(all, other));
  const { product } = document;
  const described = new Models.Component(Enums.ComponentType.Application, product.name, {
    bomRef: productPurl(product.version),
    version: product.version,
    purl: productPurl(product.version),
    licenses: new Models.LicenseRepository([licenseOf(product.license)]),
    ...(binary === undefined ? {} : { hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], sha256Of(binary.file)]]), properties: new Models.PropertyRepository([new Models.Property('ainogap:target', binary.target)]) }),
    dependencies: new Models.BomRefRepository([...new Set([...product.dependsOn, runtime.id])].map((id) => bomRefOf(all, id))),
  });
  const timestamp = sourceDate();
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: described, ...(timestamp === null ? {} : { timestamp }) }), components: new Models.ComponentRepository(all.values()) });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`;
}

const productPurl = (version: string): string => `pkg:npm/ainogap@${version}`;

function bomRefOf(all: ReadonlyMap<string, Models.Component>, id: string): Models.BomRef {
  const found = all.get(id);
  if (found === undefined) throw new Error(`${id} is depended on and is no component`);
  return found.bomRef;
}

function libraryComponent({ id, name, version, license, purl, integrity }: Component): Models.Component {
  const [group, base] = name.startsWith('@') ? (name.split('/') as [string, string]) : [undefined, name];
  return new Models.Component(Enums.ComponentType.Library, base, {
    bomRef: id,
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...(name === 'SQLite' && version !== undefined ? { cpe: `cpe:2.3:a:sqlite:sqlite:${version}:*:*:*:*:*:*:*` as const } : {}),
    ...(integrity === undefined ? {} : { hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512Of(integrity)]]) }),
    licenses: new Models.LicenseRepository([licenseOf(license)]),
  });
}

/** Node.js, with the libraries that it is made of where they are known. */
function runtimeComponent({ id, version, parts }: NodeRuntime): Models.Component {
  const libraries = Object.entries(parts).map(([name, of]) => new Models.Component(Enums.ComponentType.Library, name, { bomRef: `${id}#${name}`, version: of, purl: `pkg:generic/${name}@${encodeURIComponent(of)}` }));
  return new Models.Component(Enums.ComponentType.Platform, 'Node.js', {
    bomRef: id,
    version,
    purl: id,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    licenses: new Models.LicenseRepository([licenseOf('MIT')]),
    components: new Models.ComponentRepository(libraries),
  });
}

/** The lockfile has it in base64. */
function sha512Of(integrity: string): string {
  const [, base64] = /^sha512-([A-Za-z0-9+/]+=*)$/.exec(integrity) ?? [];
  if (base64 === undefined) throw new Error(`the lockfile has "${integrity}" where a SHA-512 is expected`);
  return Buffer.from(base64, 'base64').toString('hex');
}

const sha256Of = (file: string): string => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

function sourceDate(): Date | null {
  const seconds = process.env['SOURCE_DATE_EPOCH'] ?? '';
  if (seconds === '') return null;
  if (!/^\d{1,11}$/.test(seconds)) throw new Error(`SOURCE_DATE_EPOCH is seconds since 1970, not "${seconds}"`);
  return new Date(Number(seconds) * 1000);
}

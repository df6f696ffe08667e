// What the product is made of: every package in its bundles, the native library beside them and what is inside those,
// with licences, where they are from and who calls whom. The licences' texts and the SBOM are made from it.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import { bundledPackages, OWN, type Bundled, type BundledPackage } from './bundled-packages.ts';
import { embeddedIn, sqliteWithin, type Embedded } from './embedded-components.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { packageLicense, tidy } from './package-license.ts';

export interface Component {
  /** Unique: its package URL; `HOST#NAME` where it has none. */
  readonly id: string;
  readonly name: string;
  /** Absent where nobody says. */
  readonly version?: string;
  /** SPDX identifier. */
  readonly license: string;
  readonly purl?: string;
  /** As in the lockfile: `sha512-BASE64` of the package's tarball. */
  readonly integrity?: string;
  /** Ids of what it calls or holds. */
  readonly dependsOn: readonly string[];
}
export interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependsOn: readonly string[];
}
export interface Components {
  readonly product: Product;
  /** By name, then version. */
  readonly components: readonly Component[];
  /** By id of a component: the texts that have to be passed on; `OWN` for the product's own licence. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

export interface ComponentsOptions {
  readonly root: string;
  /** Of every build that made a part of the product, with `root` as their `absWorkingDir`. */
  readonly metafiles: readonly Metafile[];
  /** Where the product brings its own Node.js, with its licence and those of all it contains as one text. */
  readonly runtime?: NodeRuntime & { readonly licenseText: string };
}

/** Stays outside the bundles of the npm package, with the headers that its addon is compiled with. */
const NATIVE = ['node_modules/better-sqlite3', 'node_modules/node-addon-api'] as const;
const [SQLITE_HOST, ADDON_HEADERS] = NATIVE;

/** Throws when something may not be passed on, or cannot be for want of a text. */
export function componentsOf({ root, metafiles, runtime }: ComponentsOptions): Components {
  const bundled = bundledPackages(root, metafiles);
  const parts = [...packageParts(root, bundled), ...(runtime === undefined ? [] : [runtimePart(runtime)])];
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Product;
  const ids = new Map(parts.flatMap(({ folder, component }) => (folder === undefined ? [] : [[folder, component.id] as const])));
  const called = [...(bundled.imports.get(OWN) ?? [])].flatMap((folder) => ids.get(folder) ?? []);
  const product = { name, version, license, dependsOn: [...new Set([...called, ...(runtime === undefined ? [] : [runtime.id])])].toSorted() };
  const components = [...new Map(parts.map(({ component }) => [component.id, component])).values()].toSorted(byNameAndVersion);
  const own = tidy(fs.readFileSync(path.join(root, 'LICENSE'), 'utf8'));
  return { product, components, texts: new Map([[OWN, [own]], ...parts.map(({ component, texts }) => [component.id, texts] as const)]) };
}

interface Part {
  /** Of a package. */
  readonly folder?: string;
  readonly component: Component;
  readonly texts: readonly string[];
}

function packageParts(root: string, { packages, imports }: Bundled): Part[] {
  const native = NATIVE.filter((folder) => packages.every((bundled) => bundled.folder !== folder)).map((folder) => nativePackage(root, folder));
  const all = [...packages, ...native];
  const ids = new Map(all.map((one) => [one.folder, purlOf(one)]));
  const { packages: locked } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { integrity?: string }> };
  return all.flatMap((one) => {
    const id = purlOf(one);
    const within = [...embeddedIn(one), ...(one.folder === SQLITE_HOST ? [sqliteWithin(path.join(root, SQLITE_HOST))] : [])].map((embedded) => embeddedPart(id, embedded));
    const called = [...(imports.get(one.folder) ?? []), ...(one.folder === SQLITE_HOST ? [ADDON_HEADERS] : [])].flatMap((folder) => ids.get(folder) ?? []);
    const { id: license, texts } = packageLicense(path.join(root, one.folder));
    const integrity = locked[one.folder]?.integrity;
    if (integrity === undefined) throw new Error(`${one.folder} is not in package-lock.json with its integrity`);
    const dependsOn = [...new Set([...called, ...within.map(({ component }) => component.id)])].filter((other) => other !== id).toSorted();
    return [{ folder: one.folder, component: { id, name: one.name, version: one.version, license, purl: id, integrity, dependsOn }, texts }, ...within];
  });
}

function nativePackage(root: string, folder: string): BundledPackage {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as { name: string; version: string };
  return { name, version, folder, files: [] };
}

function embeddedPart(host: string, { name, version, purl, license, texts }: Embedded): Part {
  const component = { id: purl ?? `${host}#${name}`, name, ...(version === undefined ? {} : { version }), license, ...(purl === undefined ? {} : { purl }), dependsOn: [] };
  return { component, texts };
}

function runtimePart({ id, version, licenseText }: NodeRuntime & { readonly licenseText: string }): Part {
  return { component: { id, name: 'Node.js', version, license: 'MIT', purl: id, dependsOn: [] }, texts: [tidy(licenseText)] };
}

/** Package URLs write the `@` of a scope in percent form. */
function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byNameAndVersion(a: Component, b: Component): number {
  return order(a.name.toLowerCase(), b.name.toLowerCase()) || order(a.version ?? '', b.version ?? '');
}

// What a build leaves of its components beside the program: `licenses.txt`, which `ainogap licenses` prints, and
// `components.json`, from which it lists them and from which the SBOM is made.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { componentsOf, type Component, type ComponentsOptions, type Product } from './components.ts';
import { licensesText } from './licenses-text.ts';

export const LICENSES_FILE = 'licenses.txt';
export const COMPONENTS_FILE = 'components.json';

export interface ComponentsDocument {
  readonly product: Product;
  readonly components: readonly Component[];
}

/** Writes both below `into`, which is there. */
export function writeComponents({ into, ...options }: ComponentsOptions & { readonly into: string }): ComponentsDocument {
  const components = componentsOf(options);
  const document: ComponentsDocument = { product: components.product, components: components.components };
  fs.writeFileSync(path.join(into, LICENSES_FILE), licensesText(components));
  fs.writeFileSync(path.join(into, COMPONENTS_FILE), `${JSON.stringify(document)}\n`);
  return document;
}

export function readComponents(folder: string): ComponentsDocument {
  return JSON.parse(fs.readFileSync(path.join(folder, COMPONENTS_FILE), 'utf8')) as ComponentsDocument;
}

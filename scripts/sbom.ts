// npm run sbom -> build/ainogap-VERSION.cdx.json: what the npm package contains and what it was built and tested on.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { nodeRuntime } from './ship/node-runtime.ts';
import { sbomText } from './ship/sbom.ts';
import { readComponents } from './ship/write-components.ts';

const root = path.resolve(import.meta.dirname, '..');
const document = readComponents(path.join(root, 'dist'));
const file = path.join(root, 'build', `${document.product.name}-${document.product.version}.cdx.json`);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, sbomText({ document, runtime: nodeRuntime(process.versions.node) }));
console.log(path.relative(process.cwd(), file));

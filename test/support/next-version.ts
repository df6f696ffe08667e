/** The built product as a later version of it would be: with one more change of the schema. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PROJECT, temporaryFolder } from './product.ts';

/** The path of its main bundle. `additive`: the version before can go on beside it. */
export function buildNextVersion({ additive }: { readonly additive: boolean }): string {
  const [folder, dist] = [temporaryFolder(), path.join(PROJECT, 'dist')];
  for (const name of fs.readdirSync(dist)) {
    const [from, to] = [path.join(dist, name), path.join(folder, name)];
    if (name.endsWith('.cjs')) fs.writeFileSync(to, withMigration(fs.readFileSync(from, 'utf8'), additive));
    else fs.symlinkSync(from, to);
  }
  fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
  return path.join(folder, 'ainogap.cjs');
}

function withMigration(bundle: string, additive: boolean): string {
  return bundle.replace(/\bMIGRATIONS=\[([\w,]+)\]/, (_, names: string) => {
    const later = { version: names.split(',').length + 1, additive, sql: 'CREATE TABLE of_the_next_version(x)' };
    return `MIGRATIONS=[${names},${JSON.stringify(later)}]`;
  });
}

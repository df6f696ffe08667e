// The Node of a platform: the one that the lockfile installed, else the npm package of that name, its integrity compared.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { INTEGRITY } from './package-targets.ts';

export interface NodePackage {
  readonly root: string;
  /** The npm package. */
  readonly name: string;
  /** Exact. */
  readonly version: string;
}

/** The path of its executable. Throws when it cannot be had or is not what it should be. */
export function nodeBase({ root, name, version }: NodePackage): string {
  const program = name.startsWith('node-win') ? 'bin/node.exe' : 'bin/node';
  const installed = path.join(root, 'node_modules', name);
  // npm compared it with the lockfile when it installed it.
  if (versionIn(installed) === version) return path.join(installed, program);
  const folder = path.join(root, 'build/bases', `${name}-${version}`);
  if (versionIn(path.join(folder, 'package')) !== version) fetchInto(folder, `${name}@${version}`);
  return path.join(folder, 'package', program);
}

function versionIn(folder: string): string | null {
  const file = path.join(folder, 'package.json');
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version : null;
}

/** `folder` comes to be whole or not at all. */
function fetchInto(folder: string, spec: string): void {
  const own = `${folder}.${process.pid}`;
  fs.rmSync(own, { recursive: true, force: true });
  fs.mkdirSync(own, { recursive: true });
  try {
    execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', own], { stdio: ['ignore', 'ignore', 'inherit'] });
    const archive = path.join(own, fs.readdirSync(own)[0] as string);
    const integrity = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
    if (integrity !== INTEGRITY[spec]) throw new Error(`${spec} has integrity ${integrity}, expected ${INTEGRITY[spec] ?? 'one in scripts/package-targets.ts'}`);
    execFileSync('tar', ['xzf', archive, '-C', own]);
    fs.rmSync(archive);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(own, folder);
  } finally {
    fs.rmSync(own, { recursive: true, force: true });
  }
}

/** npm as a user has it, without the project's own settings, and a registry of this machine that knows two packages. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { PROJECT } from './product.ts';
import { runProgram, type Finished } from './run-program.ts';

/** The script of the npm that runs these tests, else of the one on PATH. */
function npmScript(): string {
  const running = process.env['npm_execpath'];
  if (running !== undefined) return path.join(path.dirname(running), 'npm-cli.js');
  const found = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'npm')).find((file) => fs.existsSync(file));
  if (found === undefined) throw new Error('there is no npm on PATH');
  return path.join(path.dirname(fs.realpathSync(found)), 'npm-cli.js');
}

export function npm(args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<Finished> {
  return runProgram(process.execPath, [npmScript(), ...args, '--no-audit', '--no-fund', '--no-update-notifier'], options);
}

export interface SmallRegistry {
  readonly url: string;
  /** The names that were asked for, each once. */
  asked(): string[];
  close(): Promise<void>;
}

/** Serves packages of this checkout's `node_modules`, as they were installed; others do not exist. */
export async function startSmallRegistry(names: readonly string[]): Promise<SmallRegistry> {
  const asked = new Set<string>();
  const server = http.createServer((request, response) => {
    const [name = '', file] = decodeURIComponent(request.url ?? '').slice(1).split('/-/');
    asked.add(name);
    if (!names.includes(name)) return void response.writeHead(404).end('{}');
    if (file !== undefined) return void response.end(execFileSync('tar', ['-C', path.join(PROJECT, 'node_modules'), '-cf', '-', name], { maxBuffer: 1 << 28 }));
    const manifest = JSON.parse(fs.readFileSync(path.join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
    const tarball = `http://${request.headers.host}/${name}/-/${name}-${manifest.version}.tgz`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist: { tarball } } } }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => [...asked],
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

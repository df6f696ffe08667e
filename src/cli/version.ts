import * as fs from 'node:fs';

/** Put in by the build; absent when run from source. */
declare const __AINOGAP_VERSION__: string | undefined;

export function productVersion(): string {
  if (typeof __AINOGAP_VERSION__ === 'string') return __AINOGAP_VERSION__;
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Scripts ask this often, and it needs nothing of what the commands are made of. `argv` without the node and script paths. */
export function asksForVersion(argv: readonly string[]): boolean {
  return argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V');
}

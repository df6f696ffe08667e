import * as fs from 'node:fs';

/** Put in by the build; absent when run from source. */
declare const __AINOGAP_VERSION__: string | undefined;

export function productVersion(): string {
  if (typeof __AINOGAP_VERSION__ === 'string') return __AINOGAP_VERSION__;
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

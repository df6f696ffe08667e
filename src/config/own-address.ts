/**
 * Where the gateway of a configuration listens, for programs beside it. It reads nothing else of the file, so that it is fast, and a
 * mistake elsewhere does not hide a gateway that runs well with what it read before.
 */
import * as fs from 'node:fs';
import { readYaml, type YamlValue } from './read-yaml.ts';
import { address } from './scalars.ts';

export type OwnAddress = { readonly ok: true; readonly host: string; readonly port: number; readonly tls: boolean } | { readonly ok: false; readonly message: string };

/** Never throws. */
export function readOwnAddress(file: string): OwnAddress {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, message: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
  const { value: root, mistakes } = readYaml(text);
  if (!isGroup(root)) return { ok: false, message: `${file} is no configuration: ${mistakes[0]?.message ?? 'it has no keys such as listen, database and upstreams'}` };
  // What is no key of its own is inherited from nothing.
  const listen = Object.hasOwn(root, 'listen') ? address(root['listen'] as YamlValue) : ({ ok: true, value: { host: '127.0.0.1', port: 8787 } } as const);
  if (!listen.ok) return { ok: false, message: `${file}: listen: ${listen.message}` };
  return { ok: true, ...listen.value, tls: Object.hasOwn(root, 'tls') && root['tls'] !== null };
}

function isGroup(value: YamlValue): value is { [key: string]: YamlValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

import * as fs from 'node:fs';
import * as path from 'node:path';
import type { SecretRef } from '../config.ts';

/** A secret is not where the configuration says. The message names the place, never the value. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}

/**
 * Reads a secret from its place; white space around it is dropped. Throws `SecretError` when it is missing, empty or
 * cannot stand in a header. `baseDir` is where relative paths begin; a loaded configuration holds absolute ones.
 */
export function resolveSecret(ref: SecretRef, baseDir: string, env: Env = process.env): string {
  return resolve(ref, { baseDir, env, pattern: /^[\x21-\x7e]+$/ });
}

/** The whole value of a header: as `resolveSecret`, but it may hold spaces, as in `Bearer …`. */
export function resolveHeaderValue(ref: SecretRef, baseDir: string, env: Env = process.env): string {
  return resolve(ref, { baseDir, env, pattern: /^[\x20-\x7e]+$/ });
}

function resolve(ref: SecretRef, { baseDir, env, pattern }: { baseDir: string; env: Env; pattern: RegExp }): string {
  const { place, found } = lookUp(ref, baseDir, env);
  if (found === undefined) throw new SecretError(`${place} is not set; it must hold the secret that the configuration looks for there`);
  const secret = found.trim();
  if (secret === '') throw new SecretError(`${place} is empty; it must hold the secret that the configuration looks for there`);
  // Anything else cannot stand in a header, and Node's own error would repeat it.
  if (!pattern.test(secret)) throw new SecretError(`${place} holds spaces, line breaks or other than ASCII characters: that is no credential`);
  return secret;
}

/** As it stands in the configuration; never the secret. */
export function secretPlace(ref: SecretRef): string {
  return `${ref.kind}:${ref.kind === 'file' ? ref.path : ref.name}`;
}

type Env = Readonly<Record<string, string | undefined>>;

function lookUp(ref: SecretRef, baseDir: string, env: Env): { place: string; found: string | undefined } {
  if (ref.kind === 'env') return { place: `the environment variable ${ref.name}`, found: env[ref.name] };
  const file = ref.kind === 'file' ? path.resolve(baseDir, ref.path) : credentialFile(ref.name, env);
  const place = ref.kind === 'file' ? `the file ${file}` : `the credential ${ref.name} (${file})`;
  return { place, found: readFile(file, place) };
}

/** https://systemd.io/CREDENTIALS: the service manager puts each credential into a file of this folder, for the service alone. */
function credentialFile(name: string, env: Env): string {
  const folder = env['CREDENTIALS_DIRECTORY'];
  if (folder !== undefined && path.isAbsolute(folder)) return path.join(folder, name);
  throw new SecretError(
    `the credential ${name} is looked for in the folder that CREDENTIALS_DIRECTORY names, which is not set: a service manager sets it (LoadCredential=${name}:/PATH in a systemd unit), and in a container it can be /run/secrets`,
  );
}

const BYTES_MAX = 65_536;

function readFile(file: string, place: string): string {
  try {
    const stat = fs.statSync(file);
    // A device or a pipe might never end.
    if (!stat.isFile() || stat.size > BYTES_MAX) throw new SecretError(`${place} is no regular file of at most ${BYTES_MAX} bytes, so it holds no credential`);
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(`${place} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

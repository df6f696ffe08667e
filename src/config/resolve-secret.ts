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
export function resolveSecret(ref: SecretRef, baseDir: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const place = ref.kind === 'env' ? `the environment variable ${ref.name}` : `the file ${path.resolve(baseDir, ref.path)}`;
  const found = ref.kind === 'env' ? env[ref.name] : readFile(path.resolve(baseDir, ref.path), place);
  if (found === undefined) throw new SecretError(`${place} is not set; it must hold the secret that the configuration looks for there`);
  const secret = found.trim();
  if (secret === '') throw new SecretError(`${place} is empty; it must hold the secret that the configuration looks for there`);
  // Anything else cannot stand in a header, and Node's own error would repeat it.
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new SecretError(`${place} holds spaces, line breaks or other than ASCII characters: that is no credential`);
  return secret;
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

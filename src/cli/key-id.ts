import { parseKeyId } from '../ids.ts';
import type { KeyId } from '../ids.ts';
import { KEY_SHAPE } from '../registry/key-format.ts';
import { usageError } from './cli-error.ts';

/** Reads `key_7`. A secret typed in its place is not repeated. */
export function requireKeyId(text: string, where: string): KeyId {
  const id = parseKeyId(text);
  if (id !== null) return id;
  if (KEY_SHAPE.test(text)) throw usageError(`${where} takes a key's id such as key_7, not the key itself.`, 'ainogap key list');
  throw usageError(`${where}: "${text}" is not a key's id (an example: key_7).`, 'ainogap key list');
}

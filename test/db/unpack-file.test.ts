import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { unpackFile, UnpackError } from '../../src/db/unpack-file.ts';
import { temporaryFolder } from '../support/product.ts';

afterEach(() => vi.unstubAllEnvs());

const unpack = (folder: string): string => {
  vi.stubEnv('AINOGAP_CACHE_DIR', folder);
  return unpackFile({ name: 'file', version: '1', bytes: Buffer.from('bytes') }, () => undefined);
};

it.skipIf(process.platform === 'win32')('a link that stands where the folder should is not followed, and nothing is made where it leads', () => {
  const elsewhere = temporaryFolder();
  const link = path.join(temporaryFolder(), 'cache');
  fs.symlinkSync(elsewhere, link);
  expect(() => unpack(link)).toThrow(UnpackError);
  expect(fs.readdirSync(elsewhere)).toEqual([]);
});

it.skipIf(process.platform === 'win32')('a folder that others can write is refused, and a damaged file is written again', () => {
  const folder = temporaryFolder();
  const file = unpack(folder);
  fs.writeFileSync(file, 'other');
  expect(unpack(folder)).toBe(file);
  expect(fs.readFileSync(file, 'utf8')).toBe('bytes');
  fs.chmodSync(path.join(folder, 'native'), 0o777);
  expect(() => unpack(folder)).toThrow(/native is not a folder that this user alone can write/);
});

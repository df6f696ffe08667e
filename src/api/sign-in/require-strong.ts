import { findWeakness } from '../../auth/password-strength.ts';
import { weakPasswordError } from './refuse.ts';

const PRODUCT = 'ainogap';

/** Throws `weak_password` with what would be better. */
export async function requireStrong(password: string, name: string): Promise<void> {
  const weakness = await findWeakness(password, [name, PRODUCT]);
  if (weakness !== null) throw weakPasswordError(weakness);
}

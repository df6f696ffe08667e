/** What can be said of a password without asking; how hard it is to guess is the gateway's to say. */

export const PASSWORD_MIN = 10;

/** Null: long enough. */
export function passwordProblem(password: string): string | null {
  const missing = PASSWORD_MIN - Array.from(password).length;
  return missing <= 0 ? null : `${missing} more ${missing === 1 ? 'character' : 'characters'} needed.`;
}

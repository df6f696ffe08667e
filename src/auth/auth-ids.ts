/** Ids of sign-in as they are shown: `session_12`, `passkey_2`, `token_3`, `admin_1` (a login's number). */
const formatWith = (prefix: string) => (id: number) => `${prefix}${id}`;
const parseWith = (prefix: string) => (text: string) => {
  const digits = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
};

export const formatSessionId = formatWith('session_');
export const parseSessionId = parseWith('session_');
export const formatPasskeyId = formatWith('passkey_');
export const parsePasskeyId = parseWith('passkey_');
export const formatTokenId = formatWith('token_');
export const parseTokenId = parseWith('token_');
export const formatAdminId = formatWith('admin_');
export const parseAdminId = parseWith('admin_');

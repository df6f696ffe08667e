/** The second wall: nothing writes a secret into an event, and if something did, it would be blotted out here. */
const HIDDEN = '[hidden]';

/**
 * Keys of buyers and of upstreams, admin tokens, sessions, invitations (their links end in one), tokens of others' making,
 * what follows `Bearer` or `Basic`, and the user and password of a URL. A run of digits or capitals tells a key from a word
 * such as `network_administration`.
 */
const SHAPES = [
  'rk_(?=[a-z]*[0-9A-Z])[0-9A-Za-z]{12,}',
  'sk-(?:ant|proj|svcacct|admin)[0-9A-Za-z]*-[\\w-]{8,}',
  'sk-(?=[a-z]*[0-9A-Z])[0-9A-Za-z]{20,}',
  'ainogap_admin_[\\w-]{12,}',
  '(?:st|iv)_[\\w-]{43}',
  'whsec_[\\w+/=-]{12,}',
  'AKIA[0-9A-Z]{16}',
  'gh[pousr]_[0-9A-Za-z]{16,}',
  'eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*',
];
const AFTER_WORD = '(?:[Bb]earer|BEARER|[Bb]asic)[ +]+(?=[a-z]*[0-9A-Z_.=+/~-])[\\w.=+/~-]{8,}';
const IN_URL = ':\\/\\/[^\\s/@]{1,256}@';

/** No secret is shorter: what is would blot out ordinary words. */
export const SECRET_CHARS_MIN = 8;
/** What is that much longer than its bound is read, before it is cut there: a secret is found by all of it. */
export const SECRET_CHARS_MAX = 4_096;

export type Hide = (text: string) => string;

/** @param literals secrets that have no shape, such as a webhook's. */
export function createHide(literals: readonly string[] = []): Hide {
  const known = [...new Set(literals)].filter((literal) => literal.length >= SECRET_CHARS_MIN);
  // The longest first: one secret may begin with another.
  const parts = [...known.toSorted((a, b) => b.length - a.length).map(asPattern), ...SHAPES, AFTER_WORD, IN_URL];
  const any = new RegExp(parts.join('|'));
  const each = new RegExp(parts.join('|'), 'g');
  return (text) => (any.test(text) ? text.replace(each, blotted) : text);
}

const asPattern = (literal: string): string => literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** What kind of secret it was stays readable. */
function blotted(secret: string): string {
  if (secret.startsWith('://')) return `://${HIDDEN}@`;
  const kind = /^(?:rk_|sk-|ainogap_admin_|st_|iv_|whsec_|(?:bearer|basic)[ +])/i.exec(secret)?.[0] ?? '';
  return kind + HIDDEN;
}

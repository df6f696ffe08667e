/** Texts that may be credentials: they must neither stand in a configuration nor be repeated in a message about it. */

/** Known key prefixes, and long runs of letters and digits mixed as only random text is. */
const PREFIXED = /(?:sk|rk|pk|ghp|gho|xox[a-z]|AKIA|eyJ)[-_]?[A-Za-z0-9][A-Za-z0-9_.-]{7,}/;
const RANDOM = /(?=[A-Za-z0-9+/_-]*[A-Za-z])(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{24,}/;

/** `sk-ant-…`, `rk_…` and other well-known shapes. */
export function isKnownKeyShape(text: string): boolean {
  return /\b(?:sk-(?:ant-)?[A-Za-z0-9]|rk_[A-Za-z0-9]{16}|AKIA[A-Z0-9]{12}|gh[po]_[A-Za-z0-9]{16})/.test(text);
}

/** A value as a message may show it: short, on one line, without what may be a secret. */
export function shown(text: string): string {
  if (PREFIXED.test(text) || RANDOM.test(text)) return '(not shown: it may be a secret)';
  const line = JSON.stringify(text);
  return line.length <= 80 ? line : `${line.slice(0, 78)}…"`;
}

/** A name as it can be pasted into a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w.@%+:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A sentence for the operator when the mode bits of a file let others read or change it, else null. `files` is what a
 * shell should be given to mend it, when that is more than the file.
 */
export function readableByOthers(file: string, mode: number, files: string = file): string | null {
  // They mean nothing on Windows.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return null;
  const done = (mode & 0o022) === 0 ? 'read' : 'changed';
  return `${file} can be ${done} by other users of this machine; run: chmod 600 ${files}`;
}

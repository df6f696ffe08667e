/** An archive cannot be written or read, and why, in words for the operator. */
export class ArchiveError extends Error {
  /** A command, or what else helps. */
  readonly next: string | undefined;

  constructor(message: string, options: { readonly next?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ArchiveError';
    this.next = options.next;
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is not there',
  EACCES: 'its folder may not be written',
  EPERM: 'its folder may not be written',
  EROFS: 'it would be on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'its name is too long',
};

/** The failure of writing `file`; what is no failure of the file system passes as it is. */
export function writingFailure(file: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new ArchiveError(`the archive ${file} cannot be written: ${WHY[code] ?? error.message}; no request was moved.`, { cause: error });
}

/** A backup or a restore was not made, and why, in words for the operator. Nothing was changed unless it says so. */
export class BackupError extends Error {
  /** The command to type next, where there is one. */
  readonly next: string | undefined;

  constructor(message: string, { cause, next }: { readonly cause?: unknown; readonly next?: string } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BackupError';
    this.next = next;
  }
}

/** Why the system or SQLite would not write a file, in words; null for failures of another kind. */
export function writeFailure(error: unknown): string | null {
  switch ((error as { code?: string }).code) {
    case 'ENOENT':
      return 'its folder is not there';
    case 'EACCES':
    case 'EPERM':
    case 'SQLITE_READONLY':
    case 'SQLITE_READONLY_DIRECTORY':
      return 'this user may not write there';
    case 'EROFS':
      return 'that file system takes no changes';
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return 'the disk is full';
    case 'EIO':
    case 'SQLITE_IOERR_WRITE':
    case 'SQLITE_IOERR_FSYNC':
      return 'the disk failed';
    default:
      return null;
  }
}

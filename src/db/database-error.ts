export type DatabaseErrorCode =
  | 'missing'
  | 'no_directory'
  | 'not_ours'
  | 'not_a_database'
  | 'damaged'
  | 'newer_schema'
  | 'older_schema'
  | 'unsafe'
  /** An upgrade would break processes that serve the database. */
  | 'served'
  /** An upgrade was not begun, for the backup before it could not be made. */
  | 'not_backed_up'
  /** Another process upgrades the database and does not come to an end. */
  | 'upgrading';

/** The database cannot be used, and why, in words for the operator. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  /** The command to type next, where there is one. */
  readonly next: string | undefined;

  constructor(code: DatabaseErrorCode, message: string, { cause, next }: { readonly cause?: unknown; readonly next?: string } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DatabaseError';
    this.code = code;
    this.next = next;
  }
}

/**
 * Notices that a file was replaced or removed under the process that has it open: SQLite would go on writing to the
 * old one, and what it acknowledges would be lost (measured: acknowledged commits vanished without an error).
 */
import * as fs from 'node:fs';

export interface FileWatch {
  /** Why the files are no longer those that were opened, or null. */
  changed(): string | null;
}

export function watchFiles(paths: readonly string[]): FileWatch {
  const watched = paths.map((path) => ({ path, identity: identityOf(path) }));
  return {
    changed() {
      for (const { path, identity } of watched) {
        const now = fs.statSync(path, { throwIfNoEntry: false });
        if (!now) return `${path} was moved or removed while it was in use`;
        if (now.ino !== identity.ino || now.dev !== identity.dev) return `${path} was replaced while it was in use`;
      }
      return null;
    },
  };
}

function identityOf(path: string): { readonly ino: number; readonly dev: number } {
  const { ino, dev } = fs.statSync(path);
  return { ino, dev };
}

import * as os from 'node:os';
import type { Actor } from '../audit/actor.ts';

/** Who runs this program, for the audit log: the operating system's user. */
export function cliActor(via: 'cli' | 'top' = 'cli'): Actor {
  return { kind: 'cli', name: systemUser(), via, address: null };
}

/** A container may run as a user id that has no name. */
function systemUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'unknown';
  }
}

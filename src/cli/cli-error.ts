/** An expected failure of a command: printed in words without a stack trace. */

export interface CliErrorOptions {
  /** 1: it failed; 2: wrong usage; `serve` has some of its own. Default 1. */
  readonly exitCode?: number;
  /** The command to type next, printed indented below the message. */
  readonly next?: string;
}

export class CliError extends Error {
  readonly exitCode: number;
  readonly next: string | undefined;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message);
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? 1;
    this.next = options.next;
  }
}

/** Wrong usage: exit code 2. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(message, next === undefined ? { exitCode: 2 } : { exitCode: 2, next });
}

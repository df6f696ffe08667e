import { printable } from '../printable.ts';

/** One mistake in a configuration file, for the operator's eyes. Never holds a secret. */
export class ConfigProblem {
  /** As it is shown: the file's name without its folder. */
  readonly file: string;
  /** From 1; null when the file as a whole is meant. */
  readonly line: number | null;
  /** E.g. `upstreams.anthropic.base_url`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what would be right. */
  readonly message: string;

  constructor(place: { readonly file: string; readonly line: number | null; readonly key: string }, message: string) {
    this.file = place.file;
    this.line = place.line;
    this.key = place.key;
    this.message = message;
  }

  /** One line, safe for a terminal: `config.yaml:12: upstreams.anthropic.base_ul: unknown key; did you mean "base_url"?` */
  toString(): string {
    return printable(`${this.file}${this.line === null ? '' : `:${this.line}`}: ${this.key === '' ? '' : `${this.key}: `}${this.message}`);
  }
}

/** Who changes something, for the audit log. */
export interface Actor {
  readonly kind: 'admin' | 'buyer' | 'cli' | 'system';
  /** An admin's or a buyer's name, the label of an admin token, or the operating system's user. */
  readonly name: string;
  readonly via: 'console' | 'token' | 'cli' | 'top' | 'serve';
  /** The network address that it came from; null for what happens on the machine itself. */
  readonly address: string | null;
}

/** How servers get their listening socket: by an address, or given by whoever had it before. */
import type { Server } from 'node:net';

export interface ListenOn {
  readonly host: string;
  readonly port: number;
  /** A listening socket of this process's; null: one is opened. */
  readonly fd?: number | null;
}

/** Rejects when it cannot listen there. */
export function listenOn(server: Server, { host, port, fd = null }: ListenOn): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(fd === null ? { port, host } : { fd }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Node has no public name for it; this is the one by which its own documentation of `listen` and `spawn` goes. Null: unknown. */
export function descriptorOf(server: Server): number | null {
  const { _handle: handle } = server as Server & { _handle?: { readonly fd?: number } | null };
  return handle?.fd === undefined || handle.fd < 0 ? null : handle.fd;
}

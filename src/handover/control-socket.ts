/** The side of the serving process: it introduces itself to whoever connects, and does what it is asked. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { controlPath, controlPaths, withShortPath } from './control-path.ts';
import type { FromProcess, Introduction, Outcome, ToProcess } from './control-messages.ts';

export interface ControlSocketOptions {
  /** The database's real path. */
  readonly database: string;
  readonly introduce: () => Introduction;
  readonly handOver: () => Promise<Outcome>;
}

export interface ControlSocket {
  close(): void;
}

const LINE_BYTES_MAX = 4_096;
const CONNECTIONS_MAX = 16;
/** Younger files may be of a process that has bound its socket and does not listen yet. */
const STALE_AFTER_MS = 10_000;

/** Listens beside the database, for this user alone when the umask says so. Keeps no process from ending. */
export async function openControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const file = controlPath(options.database, randomBytes(6).toString('hex'));
  await removeStale(options.database);
  const server = net.createServer((socket) => serve(socket, options));
  server.maxConnections = CONNECTIONS_MAX;
  await withShortPath(file, (short) => listen(server, short));
  server.unref();
  return {
    close() {
      server.close();
      fs.rmSync(file, { force: true });
    },
  };
}

function listen(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serve(socket: net.Socket, { introduce, handOver }: ControlSocketOptions): void {
  socket.unref();
  socket.on('error', () => socket.destroy());
  const say = (message: FromProcess): void => void socket.write(`${JSON.stringify(message)}\n`);
  say(introduce());
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.length > LINE_BYTES_MAX) return void socket.destroy();
    const lines = text.split('\n');
    text = lines.pop() as string;
    for (const line of lines) if (isHandOver(line)) void handOver().then(say);
  });
}

function isHandOver(line: string): boolean {
  try {
    return (JSON.parse(line) as ToProcess | null)?.kind === 'handOver';
  } catch {
    return false;
  }
}

/** What killed processes have left: nobody answers there any more. */
async function removeStale(database: string): Promise<void> {
  for (const file of controlPaths(database)) {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    // Connecting to a file of another kind is refused as well.
    if (stat?.isSocket() !== true) continue;
    if (Date.now() - stat.mtimeMs > STALE_AFTER_MS && (await isRefused(file))) fs.rmSync(file, { force: true });
  }
}

function isRefused(file: string): Promise<boolean> {
  return withShortPath(
    file,
    (path) =>
      new Promise((resolve) => {
        const socket = net.connect({ path }, () => (socket.destroy(), resolve(false)));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
      }),
  );
}

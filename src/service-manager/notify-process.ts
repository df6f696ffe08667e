/**
 * Datagrams to the service manager. Node has no Unix datagram sockets, so `systemd-notify` sends them, and a shell of 1 MB starts that:
 * the gateway, with all its memory, forks nothing while it serves.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Log } from '../log.ts';

/**
 * A line is one datagram, its assignments apart by tabs; each is answered by one word. Signals for the gateway are not for the shell (a
 * service manager or a terminal may send them to the whole group): it leaves when its pipe ends, having sent what was in it.
 */
const SCRIPT = `trap '' TERM INT HUP USR1 USR2
set -f
command -v systemd-notify >/dev/null || { echo missing; exit 0; }
while IFS= read -r line; do
  IFS='\t'
  if systemd-notify $line >/dev/null 2>&1; then echo sent; else echo failed; fi
done`;

/** What waits for an answer no longer than this; the message goes out all the same. */
const ANSWER_WITHIN_MS = 5_000;

type Shell = ChildProcessByStdio<Writable, Readable, null>;

export interface NotifyProcess {
  /** One message, such as `READY=1` and `STATUS=…`. Resolves with whether it was delivered; never rejects. */
  send(assignments: readonly string[]): Promise<boolean>;
  /** Sends what is under way, then ends. */
  close(): void;
}

/** `socket`: the value of NOTIFY_SOCKET, a path or an abstract name that begins with @. */
export function openNotifyProcess(socket: string, { path, log }: { readonly path: string; readonly log: Log }): NotifyProcess {
  const waiting: ((delivered: boolean) => void)[] = [];
  let shell: Shell | null = start();
  let told = false;

  function start(): Shell {
    const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'], env: { NOTIFY_SOCKET: socket, PATH: path } });
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => lost(`/bin/sh cannot be started: ${error.message}`));
    child.once('close', () => lost('the shell that notifies the service manager has ended'));
    child.stdout.setEncoding('utf8').on('data', (words: string) => words.split('\n').forEach(answered));
    // The gateway must be able to end while it is there.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref(): void }).unref();
    return child;
  }

  function answered(word: string): void {
    if (word === 'missing') return lost('systemd-notify is not installed');
    if (word !== 'sent' && word !== 'failed') return;
    if (word === 'failed') tell('systemd-notify could not send');
    waiting.shift()?.(word === 'sent');
  }

  /** Nothing more is sent: a gateway that cannot tell how it is goes on serving. */
  function lost(reason: string): void {
    if (shell === null) return;
    shell = null;
    tell(reason);
    for (const resolve of waiting.splice(0)) resolve(false);
  }

  function tell(reason: string): void {
    if (!told) log.warn('service_manager', { message: `${reason}; the service manager does not learn how this gateway is` });
    told = true;
  }

  return {
    send(assignments) {
      if (shell === null) return Promise.resolve(false);
      shell.stdin.write(`${assignments.map(oneLine).join('\t')}\n`);
      return new Promise((resolve) => {
        // Keeps the process until then: whoever waits for it may have nothing else to do.
        const timer = setTimeout(() => resolve(false), ANSWER_WITHIN_MS);
        waiting.push((delivered) => {
          clearTimeout(timer);
          resolve(delivered);
        });
      });
    },
    close() {
      const ending = shell;
      shell = null;
      ending?.stdin.end();
    },
  };
}

function oneLine(assignment: string): string {
  return assignment.replace(/\s/g, ' ');
}

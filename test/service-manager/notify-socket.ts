/** The service manager's side of sd_notify(3): a datagram socket, held by perl, for Node has none. */
import { spawnSync } from 'node:child_process';
import { startChild, textOf } from '../support/run-program.ts';

const LISTENER = `
  use Socket; $| = 1;
  my $name = $ARGV[0]; substr($name, 0, 1) = chr(0) if substr($name, 0, 1) eq '@';
  socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die "$!";
  bind($s, pack_sockaddr_un($name)) or die "$!";
  print "bound\\n";
  while (defined recv($s, my $message, 65536, 0)) { $message =~ s/\\n/ /g; print "$message\\n"; }`;

/** Why what the service manager is told cannot be tested here; null where it can. */
export const NOT_TESTABLE = [['perl', '-MSocket', '-e1'], ['systemd-notify', '--version']].find(([program = '', ...args]) => spawnSync(program, args).status !== 0)?.[0] ?? null;

export interface NotifySocket {
  /** What was told so far, a message each: its assignments with a space between. */
  messages(): string[];
  /** Resolves when nothing has come for so long; what was on its way may come before. */
  silence(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** `name`: the value of NOTIFY_SOCKET. */
export async function openNotifySocket(name: string): Promise<NotifySocket> {
  const child = startChild('perl', ['-e', LISTENER, name], {});
  const out = textOf(child.stdout);
  const err = textOf(child.stderr);
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  while (!out.text().startsWith('bound\n')) {
    if (child.exitCode !== null) throw new Error(`nothing can listen at ${name}: ${err.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  let heardAt = performance.now();
  child.stdout?.on('data', () => (heardAt = performance.now()));
  return {
    silence: async (ms) => {
      heardAt = performance.now();
      while (performance.now() - heardAt < ms) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    // systemd-notify itself asks by BARRIER=1 whether its message was taken.
    messages: () => out.text().split('\n').slice(1, -1).map((line) => line.trim()).filter((line) => line !== 'BARRIER=1'),
    close: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Entry point: the command line of this process → its exit code. */
import { productVersion } from './cli/version.ts';

// A reader that leaves early (`ainogap requests | head -1`) is no bug worth a word, a full disk is none worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`error: stdout cannot be written: ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}; the output is not whole.\n`);
  process.exit(1);
});
// What cannot be said is left unsaid: a gateway must not end because its log's disk is full or its log's reader has gone.
process.stderr.on('error', () => undefined);

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // Scripts ask this often: it needs nothing of what the commands are made of.
  process.stdout.write(`${productVersion()}\n`);
} else {
  void run();
}

async function run(): Promise<void> {
  const [{ createProcessContext }, { runCli }] = await Promise.all([import('./cli/context.ts'), import('./cli/program.ts')]);
  // The code is set, not forced: what is still in a pipe gets out first.
  process.exitCode = await runCli(argv, createProcessContext());
}

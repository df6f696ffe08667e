/** Entry point: the command line of this process → its exit code. */
import { asksForVersion, productVersion } from './cli/version.ts';

// A reader that leaves early (`ainogap requests | head -1`) is no bug worth a word, a full disk is none worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`error: stdout cannot be written: ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}; the output is not whole.\n`);
  process.exit(1);
});
// What cannot be said is left unsaid: a gateway must not end because its log's disk is full or its log's reader has gone.
process.stderr.on('error', () => undefined);

/** Resolves when the command has ended. */
export const done: Promise<void> = run(process.argv.slice(2));

async function run(argv: readonly string[]): Promise<void> {
  if (asksForVersion(argv)) return void process.stdout.write(`${productVersion()}\n`);
  const [{ createProcessContext }, { runCli }] = await Promise.all([import('./cli/context.ts'), import('./cli/program.ts')]);
  // The code is set, not forced: what is still in a pipe gets out first.
  process.exitCode = await runCli(argv, createProcessContext());
}

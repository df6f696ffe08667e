/** Entry point: the command line of this process → its exit code. */
import { createProcessContext } from './cli/context.ts';
import { runCli } from './cli/program.ts';

// A reader that leaves early (`ainogap requests | head -1`) is no bug worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(1);
  throw error;
});

// The code is set, not forced: what is still in a pipe gets out first.
void runCli(process.argv.slice(2), createProcessContext()).then((code) => {
  process.exitCode = code;
});

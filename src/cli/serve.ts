/** `ainogap serve`: what can be said of it without loading the gateway, which every other command would pay for. */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import type { CliContext } from './context.ts';

export interface ServeOptions {
  readonly host?: string;
  readonly port?: string;
  readonly demo?: boolean;
  readonly insecure?: boolean;
}

export function registerServe(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'serve',
    description: 'run the gateway; SIGTERM ends it after its requests, SIGHUP reads the configuration again, SIGUSR2 hands over to a new process',
    example: 'ainogap serve\nainogap serve --port 9000\nainogap serve --demo',
    exitCodes: '0 stopped, 1 failed, 2 wrong usage, 70 the ledger died (start it anew)',
  })
    .option('--host <host>', 'listen on this address (default: listen in config.yaml, 127.0.0.1)')
    .option('--port <port>', 'listen on this port; 0 takes a free one (default: listen in config.yaml, 8787)')
    .option('--demo', 'a simulator, a buyer with 50 USDC and a throw-away database')
    .option('--insecure', 'allow an address that is not loopback without TLS; the demo then answers to any host name')
    .action(async (options: ServeOptions, command: Command) => {
      const { runServe } = await import('./run-serve.ts');
      await runServe(ctx, options, globalOptions(command));
    });
}

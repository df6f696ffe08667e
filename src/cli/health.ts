/** `ainogap health`: asks a running gateway how it is. Container engines run it every few seconds, so it loads little. */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import type { CliContext } from './context.ts';

export interface HealthOptions {
  readonly url?: string;
  readonly ready?: boolean;
}

export function registerHealth(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'health',
    description: 'ask the running gateway whether it answers; for container health checks, probes and scripts; at most 3 s',
    example: 'ainogap health\nainogap health --ready\nainogap health --url https://gateway.example.com',
    exitCodes: '0 healthy, 1 not, 2 wrong usage',
  })
    .option('--url <url>', 'the gateway to ask (default: where config.yaml says that it listens)')
    .option('--ready', 'ask whether its database can be written too (/readyz instead of /healthz)')
    .action(async (options: HealthOptions, command: Command) => {
      const { runHealth } = await import('./run-health.ts');
      await runHealth(ctx, options, globalOptions(command));
    });
}

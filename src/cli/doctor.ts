/** `ainogap doctor`: what is not as it should be, and what to do about it. */
import type { Command } from 'commander';
import { findConfigFile } from '../config.ts';
import type { Finding } from '../doctor/finding.ts';
import { printable } from '../printable.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError } from './cli-error.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';
import { withoutSecrets } from './without-secrets.ts';

export function registerDoctor(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'doctor',
    description: 'look at configuration, files, disk, clock, database, addresses and upstreams, and say what to do about each finding; changes nothing',
    example: 'ainogap doctor\nainogap doctor --offline --json',
    exitCodes: '0 no problem was found (there may be warnings), 1 there is one, 2 wrong usage',
  })
    .option('--offline', 'ask no upstream (otherwise one count_tokens each, which is free of charge)')
    .action(async (options: { offline?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const { examine } = await import('../doctor/examine.ts');
      const configFile = findConfigFile({ flag: global.config, env: ctx.env, cwd: ctx.cwd });
      const findings = await examine({ configFile, env: ctx.env, now: () => ctx.now(), offline: options.offline === true });
      const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
      const [problems, warnings] = [count('problem'), count('warning')];
      if (global.json) printJson(ctx, { ok: problems === 0, problems, warnings, findings: findings.map((finding) => ({ next: null, ...finding })) });
      else print(ctx, findings);
      if (problems > 0) throw new CliError(`${words(problems, 'problem')} and ${words(warnings, 'warning')} were found.`);
      if (!global.json) ctx.stderr.write(warnings > 0 ? `No problem was found, and ${words(warnings, 'warning')}.\n` : 'All is well.\n');
    });
}

const words = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** On a terminal the next command has a line of its own, in a pipe the last column. */
function print(ctx: CliContext, findings: readonly Finding[]): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  const mark = { ok: (text: string) => text, warning: (text: string) => chalk.bold(text), problem: (text: string) => chalk.red(text) };
  const safe = (text: string): string => printable(withoutSecrets(text));
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { level, check, message, next } of findings) {
    if (ctx.stdout.isTTY) {
      const head = `${mark[level](level.padEnd(7))}  ${safe(check).padEnd(width)}  `;
      ctx.stdout.write(`${head}${safe(message)}\n${next === undefined ? '' : `${' '.repeat(width + 11)}${safe(next)}\n`}`);
    } else ctx.stdout.write(`${[level, check, message, next ?? ''].map(safe).join('\t')}\n`);
  }
}

/** `ainogap licenses`: the licences of all that the program contains, as the build has collected them. */
import type { Command } from 'commander';
import { addCommand, globalOptions } from './add-command.ts';
import { readBuiltFile, type BuiltFile } from './built-files.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { printJson } from './print-json.ts';

/** As scripts/ship/write-components.ts writes it. */
interface BuiltComponents {
  readonly product: { readonly name: string; readonly version: string; readonly license: string };
  readonly components: readonly { readonly name: string; readonly version?: string; readonly license: string; readonly purl?: string }[];
}

export function registerLicenses(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'licenses',
    description: 'print the licences of ainogap and of all that it contains; --json lists names, versions and SPDX ids',
    example: 'ainogap licenses | less',
  }).action((_options: unknown, command: Command) => {
    if (!globalOptions(command).json) return ctx.stdout.write(built('licenses.txt'));
    const { product, components } = JSON.parse(built('components.json')) as BuiltComponents;
    printJson(ctx, {
      ...row(product),
      components: components.map(row),
    });
  });
}

function row({ name, version, license, purl }: BuiltComponents['components'][number]) {
  return { name, version: version ?? null, license, ...(purl === undefined ? {} : { purl }) };
}

function built(name: BuiltFile): string {
  const text = readBuiltFile(name);
  if (text === null) throw new CliError('the licences are collected by the build, and there is none.', { next: 'npm run build' });
  return text;
}

import * as fs from 'node:fs';
import * as path from 'node:path';
import { resolveSecret, secretPlace, type SecretRef } from '../config.ts';
import { readableByOthers } from '../config/readable-by-others.ts';
import type { Patient } from './examine.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** Each secret is where the configuration says, and for its owner's eyes. What it is, is never told. */
export function checkSecrets({ config, env, serving }: Patient): Finding[] {
  const upstreams = [...config.upstreams.values()].flatMap((upstream) => (upstream.kind === 'anthropic' ? [{ of: `upstream ${upstream.name}`, ref: upstream.credential }] : []));
  const webhooks = config.alerts.webhooks.map(({ name, secret }) => ({ of: `webhook ${name}`, ref: secret }));
  const baseDir = config.file === null ? process.cwd() : path.dirname(config.file);
  return [...upstreams, ...webhooks].map(({ of, ref }): Finding => {
    const check = `secret of ${of}`;
    try {
      resolveSecret(ref, baseDir, env);
    } catch (error) {
      // Another process's environment, and what its service manager gave it, cannot be looked into: what serves has found its own.
      const hidden = serving > 0 && ref.kind !== 'file';
      const level = hidden ? warning : problem;
      const note = hidden ? '; the process that serves may have it' : '';
      return level(check, `${(error as Error).message}${note}`, mend(ref));
    }
    return readableFile(check, ref, baseDir) ?? ok(check, `is there, in ${secretPlace(ref)}`);
  });
}

function mend(ref: SecretRef): string {
  if (ref.kind === 'env') return `export ${ref.name}=…`;
  return ref.kind === 'file' ? `install -m 600 /dev/stdin ${ref.path}` : `LoadCredential=${ref.name}:FILE in the service's unit`;
}

function readableFile(check: string, ref: SecretRef, baseDir: string): Finding | null {
  if (ref.kind !== 'file') return null;
  const file = path.resolve(baseDir, ref.path);
  const sentence = readableByOthers(file, fs.statSync(file).mode);
  return sentence === null ? null : warning(check, sentence.replace(/; run: .*$/, ''), `chmod 600 ${file}`);
}

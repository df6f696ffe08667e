import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALERT_KINDS, findConfigFile, loadConfig, resolveSecret } from '../../src/config.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-config-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string | Buffer, mode = 0o600): string => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
  return file;
};
const GOOD = 'database: ./ainogap.db\nupstreams: { sim: { kind: simulator } }\n';
const problemsOf = (file: string): string => {
  const loaded = loadConfig(file);
  return loaded.ok ? '' : loaded.problems.join('\n');
};

describe('loading a file', () => {
  it('takes the example as it is, with every key that there is', () => {
    const example = path.resolve(import.meta.dirname, '../../config.example.yaml');
    const loaded = loadConfig(example);
    expect(loaded.ok ? '' : loaded.problems.join('\n')).toBe('');
    const uncommented = fs.readFileSync(example, 'utf8').replace(/^# (tls:|  cert:|  key:|public_url:)/gm, '$1');
    const whole = loadConfig(write('whole.yaml', uncommented));
    expect(loaded.ok && loaded.config.alerts.rules.map(({ when }) => when)).toEqual(ALERT_KINDS);
    expect(whole).toMatchObject({ ok: true, config: { publicUrl: 'https://gateway.example.com', tls: { cert: path.join(folder, 'cert.pem') } } });
  });

  it('warns when others can read or change it, and only then', () => {
    expect(loadConfig(write('a.yaml', GOOD))).toMatchObject({ ok: true, warnings: [] });
    expect(loadConfig(write('d.yaml', `${GOOD}\nlimits: { body_memory: 128MB, request_body: 32MB }\n`))).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining('limits.body_memory is below 8 times limits.request_body')],
    });
    expect(loadConfig(write('b.yaml', GOOD, 0o644))).toMatchObject({ ok: true, warnings: [expect.stringMatching(/can be read by other users.*chmod 600/)] });
    expect(loadConfig(write('c.yaml', GOOD, 0o622))).toMatchObject({ ok: true, warnings: [expect.stringContaining('can be changed by other users')] });
  });

  it.runIf(process.getuid?.() === 0)("does not warn of a file of root's that the service's group may read, as long as it may not write and others may not read", () => {
    const warningsOf = (mode: number) => loadConfig(write('service.yaml', GOOD, mode));
    expect(warningsOf(0o640)).toMatchObject({ ok: true, warnings: [] });
    for (const mode of [0o644, 0o660, 0o642]) expect(warningsOf(mode)).toMatchObject({ ok: true, warnings: [expect.stringContaining('chmod 600')] });
    fs.chownSync(write('service.yaml', GOOD, 0o640), 12_345, 12_345);
    expect(loadConfig(path.join(folder, 'service.yaml'))).toMatchObject({ ok: true, warnings: [expect.stringContaining('can be read by other users')] });
  });

  it('says that the file is missing, a folder, not text, or far too large', () => {
    expect(problemsOf(path.join(folder, 'none.yaml'))).toBe(`none.yaml: there is no file ${folder}/none.yaml; "ainogap init" writes one`);
    expect(problemsOf(folder)).toContain('is not a file');
    expect(problemsOf(write('latin1.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe4])))).toBe('latin1.yaml: is not UTF-8 text');
    expect(problemsOf(write('large.yaml', `#${' '.repeat(1_100_000)}`))).toContain('more than any configuration needs');
  });
});

describe('finding the file', () => {
  const search = (flag: string | undefined, env: Record<string, string>): string | null => findConfigFile({ flag, env, cwd: folder, home: path.join(folder, 'home') });

  it('takes the option, then the variable, then ./config.yaml, then the XDG folder', () => {
    const inHome = write('home/.config/ainogap/config.yaml', GOOD);
    expect(search(undefined, {})).toBe(inHome);
    const inXdg = write('xdg/ainogap/config.yaml', GOOD);
    expect(search(undefined, { XDG_CONFIG_HOME: path.join(folder, 'xdg') })).toBe(inXdg);
    expect(search(undefined, { XDG_CONFIG_HOME: 'xdg' })).toBe(inHome);
    const here = write('config.yaml', GOOD);
    expect(search(undefined, { XDG_CONFIG_HOME: path.join(folder, 'xdg') })).toBe(here);
    expect(search(undefined, { AINOGAP_CONFIG: 'other.yaml' })).toBe(path.join(folder, 'other.yaml'));
    expect(search('third.yaml', { AINOGAP_CONFIG: 'other.yaml' })).toBe(path.join(folder, 'third.yaml'));
  });

  it('finds nothing where there is nothing', () => {
    expect(search(undefined, {})).toBeNull();
  });
});

describe('a secret', () => {
  it('comes from the environment, or from a file without the white space around it', () => {
    expect(resolveSecret({ kind: 'env', name: 'KEY' }, folder, { KEY: 'abc' })).toBe('abc');
    write('secrets/key', ' abc-def\n');
    expect(resolveSecret({ kind: 'file', path: 'secrets/key' }, folder)).toBe('abc-def');
    expect(resolveSecret({ kind: 'file', path: path.join(folder, 'secrets/key') }, '/')).toBe('abc-def');
  });

  it('can be a credential of the service manager: a file of the folder that CREDENTIALS_DIRECTORY names', () => {
    write('credentials/anthropic', 'abc-def\n');
    const ref = { kind: 'credential', name: 'anthropic' } as const;
    expect(resolveSecret(ref, '/', { CREDENTIALS_DIRECTORY: path.join(folder, 'credentials') })).toBe('abc-def');
    expect(() => resolveSecret(ref, folder, {})).toThrow(/the credential anthropic is looked for.*CREDENTIALS_DIRECTORY.*not set.*LoadCredential=anthropic:/);
    expect(() => resolveSecret(ref, folder, { CREDENTIALS_DIRECTORY: 'credentials' })).toThrow('which is not set');
    expect(() => resolveSecret({ ...ref, name: 'none' }, folder, { CREDENTIALS_DIRECTORY: path.join(folder, 'credentials') })).toThrow(`the credential none (${folder}/credentials/none) cannot be read (ENOENT)`);
  });

  it('that is missing, empty or no credential is named by its place, never by its value', () => {
    expect(() => resolveSecret({ kind: 'env', name: 'KEY' }, folder, {})).toThrow("the environment variable KEY is not set; it must hold the secret that the configuration looks for there");
    expect(() => resolveSecret({ kind: 'env', name: 'KEY' }, folder, { KEY: ' \n' })).toThrow('the environment variable KEY is empty');
    expect(() => resolveSecret({ kind: 'file', path: 'none' }, folder)).toThrow(`the file ${folder}/none cannot be read (ENOENT)`);
    expect(() => resolveSecret({ kind: 'file', path: '/dev/zero' }, folder)).toThrow('the file /dev/zero is no regular file');
    expect(() => resolveSecret({ kind: 'file', path: folder }, folder)).toThrow('is no regular file');
    write('two', 'first\nsecond');
    expect(() => resolveSecret({ kind: 'file', path: 'two' }, folder)).toThrow(/^(?!.*(first|second)).*that is no credential/s);
  });
});

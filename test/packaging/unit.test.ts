/** The unit of systemd, judged by systemd itself. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT, temporaryFolder } from '../support/product.ts';

const UNIT = path.join(PROJECT, 'packaging/ainogap.service');
const text = fs.readFileSync(UNIT, 'utf8');
const all = (key: string): string[] => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value as string);

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!analyze) console.warn('SKIPPED: systemd-analyze is not installed, so the unit is not checked by systemd');

describe.skipIf(!analyze)('systemd-analyze', () => {
  const run = (...args: string[]): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };

  it('finds nothing wrong in the unit', () => {
    const copy = path.join(temporaryFolder(), 'ainogap.service');
    // The program is not installed where the tests run.
    fs.writeFileSync(copy, text.replace('/usr/local/bin/ainogap', '/bin/true'));
    expect(run('verify', '--man=no', copy).said).not.toContain('ainogap');
    fs.writeFileSync(copy, text.replace('Type=notify', 'Typo=notify').replace('/usr/local/bin/ainogap', '/bin/true'));
    expect(run('verify', '--man=no', copy).said).toContain('Typo');
  });

  it('counts an exposure of at most 1.5 of 10', () => {
    const { status, said } = run('security', '--offline=true', '--threshold=15', '--no-pager', UNIT);
    expect(said).toMatch(/Overall exposure level for ainogap\.service: 1\.\d OK/);
    expect(status).toBe(0);
  });
});

describe('the unit', () => {
  it('allows for the grace of a stop and 10 s, starts anew after a dead ledger, and lets V8 compile', () => {
    expect(all('TimeoutStopSec')).toEqual(['35s']);
    expect([all('Restart'), all('RestartPreventExitStatus')]).toEqual([['on-failure'], ['2']]);
    expect(all('MemoryDenyWriteExecute')).toEqual([]);
  });

  it('names no secret and hands over the one that install.sh puts into config.yaml', () => {
    expect(all('LoadCredential')).toEqual(['anthropic:/etc/ainogap/credentials/anthropic']);
    expect(all('Environment').join(' ')).not.toMatch(/KEY|TOKEN|SECRET/);
    expect(fs.readFileSync(path.join(PROJECT, 'packaging/install.sh'), 'utf8')).toContain('--credential credential:anthropic');
  });
});

import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HandOver } from '../../src/handover/hand-over.ts';
import { hindranceOf } from '../../src/handover/hindrance.ts';
import { programCommand, type Started } from '../../src/handover/program-command.ts';
import { startSuccessor } from '../../src/handover/successor.ts';
import { createLog } from '../../src/log.ts';
import { temporaryFolder } from '../support/product.ts';

const started: Started = { execPath: process.execPath, execArgv: [], argv: [process.execPath, '/srv/ainogap.js', 'serve', '--port', '1'], argv0: 'node', cwd: '/', path: '', single: false };

describe('the program of a successor', () => {
  it('is the same script with the same options', () => {
    expect(programCommand({ ...started, execArgv: ['--enable-source-maps'] })).toEqual({ file: process.execPath, args: ['--enable-source-maps', '/srv/ainogap.js', 'serve', '--port', '1'] });
  });

  it('as one file is what the name leads to by which it was called, for a link may be pointed at a new version', () => {
    const folder = temporaryFolder();
    const [file, link] = [path.join(folder, 'ainogap-1'), path.join(folder, 'ainogap')];
    fs.writeFileSync(file, '');
    fs.symlinkSync(file, link);
    const single = { ...started, execPath: fs.realpathSync(file), argv: [file, file, 'serve'], single: true };
    expect(programCommand({ ...single, argv0: './ainogap', cwd: folder })).toEqual({ file: link, args: ['serve'] });
    expect(programCommand({ ...single, argv0: 'ainogap', path: `relative:/nowhere:${folder}` })).toEqual({ file: link, args: ['serve'] });
    expect(programCommand({ ...single, argv0: 'another', path: folder })).toEqual({ file: fs.realpathSync(file), args: ['serve'] });
  });
});

describe('what keeps a process from having a successor', () => {
  const plain = { platform: 'linux', pid: 70, ppid: 1, init: 'systemd', unheard: false } as const;
  it('is that its container or its service ends with it, or a system that passes no sockets', () => {
    expect(hindranceOf(plain)).toBeNull();
    expect(hindranceOf({ ...plain, pid: 1, ppid: 0, init: 'ainogap' })?.message).toContain('process 1');
    expect(hindranceOf({ ...plain, init: 'tini' })?.message).toContain('tini');
    expect(hindranceOf({ ...plain, ppid: 69, init: 'tini' })).toBeNull();
    expect(hindranceOf({ ...plain, unheard: true })?.message).toContain('NotifyAccess=all');
    expect(hindranceOf({ ...plain, platform: 'win32' })?.message).toContain('Windows');
  });
});

describe('a successor that does not serve', () => {
  const start = (script: string, withinMs = 30_000) =>
    startSuccessor({ command: { file: process.execPath, args: ['-e', script] }, cwd: '/', env: process.env, sockets: [], withinMs, signal: new AbortController().signal });

  it('in time is ended, even when it does not listen to SIGTERM', async () => {
    const pid = path.join(temporaryFolder(), 'pid');
    const script = `process.on('SIGTERM', () => undefined); require('fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => undefined, 1000)`;
    await expect(start(script, 2_000)).rejects.toThrow('did not serve within 2 s');
    if (fs.existsSync(pid)) expect(() => process.kill(Number(fs.readFileSync(pid, 'utf8')), 0)).toThrow('ESRCH');
  });

  it('because its program is gone is told in words', async () => {
    const options = { cwd: '/', env: {}, sockets: [], withinMs: 1_000, signal: new AbortController().signal };
    await expect(startSuccessor({ ...options, command: { file: '/nowhere/ainogap', args: [] } })).rejects.toThrow('/nowhere/ainogap cannot be started');
  });

  it('is refused with the words that it says', async () => {
    await expect(start(`process.send({ kind: 'refused', message: 'no', next: 'do' })`)).rejects.toMatchObject({ message: 'no', next: 'do' });
  });

  it('any more when this process would step back leaves this process the main one, and serving', async () => {
    const told: number[] = [];
    const statuses: string[] = [];
    const handOver = new HandOver({
      log: createLog({ write: () => undefined }),
      command: { file: process.execPath, args: ['-e', `process.send({ kind: 'ready', version: '1' }, () => process.exit(9))`] },
      cwd: '/',
      env: process.env,
      hindrance: () => null,
      sockets: () => [],
      unanswered: () => 0,
      tellServiceManager: (pid) => new Promise((resolve) => setTimeout(() => resolve(told.push(pid) > 0), 500)),
      handedToSuccessor: () => told.push(-1),
      status: (sentence) => void statuses.push(sentence),
    });
    expect(await handOver.begin('test')).toMatchObject({ kind: 'refused', message: expect.stringContaining('the successor ended (code 9)') as unknown });
    expect(told).toEqual([expect.any(Number), process.pid]);
    expect(statuses).toEqual(['hand-over under way', expect.stringMatching(/^hand-over refused: the successor ended/)]);
    expect(handOver.handedOver).toBe(false);
  });
});

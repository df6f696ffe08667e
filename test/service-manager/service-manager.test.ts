/** What a gateway tells its service manager: by the real systemd-notify, to a socket of the test's own. */
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { openServiceManager } from '../../src/service-manager/service-manager.ts';
import { PROJECT, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { runProgram } from '../support/run-program.ts';
import { endSuccessors, successorsOf } from '../support/successors.ts';
import { NOT_TESTABLE, openNotifySocket, type NotifySocket } from './notify-socket.ts';

if (NOT_TESTABLE !== null) console.warn(`SKIPPED: ${NOT_TESTABLE} is not installed, so what the service manager is told is not tested`);

const PATIENTLY = { timeout: 20_000, interval: 10 };
const logged: string[] = [];
const log = createLog({ write: (line) => void logged.push(line) });
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(NOT_TESTABLE !== null)('a service manager', () => {
  it.each([['at a path', () => path.join(temporaryFolder(), 'notify')], ['at an abstract name', () => `@ainogap-test-${process.pid}`]])('%s is told all, in order, and no other child can speak to it', async (_, nameOf) => {
    const name = nameOf();
    const socket = await openNotifySocket(name);
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: name, WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid), OTHER: 'x' };
    const manager = openServiceManager(env, { log });
    expect(env).toEqual({ PATH: process.env['PATH'], OTHER: 'x' });
    // The successor has a pid of its own.
    expect(manager.successorEnv).toEqual({ NOTIFY_SOCKET: name, WATCHDOG_USEC: '30000000' });
    const told = [manager.ready('listens * on\tit'), manager.reloading(), manager.mainPid(4711), manager.stopping(35_000)];
    expect(await Promise.all(told)).toEqual([true, true, true, true]);
    expect(socket.messages()).toEqual([
      'READY=1 STATUS=listens * on it',
      expect.stringMatching(/^RELOADING=1 MONOTONIC_USEC=\d+$/),
      'MAINPID=4711',
      'STOPPING=1 EXTEND_TIMEOUT_USEC=35000000 STATUS=stopping: running requests end first',
    ]);
    manager.close();
    await socket.close();
    expect(logged).toEqual([]);
  });

  it('hears signs of life as long as there are answers, and none while there are none', async () => {
    const name = path.join(temporaryFolder(), 'notify');
    const socket = await openNotifySocket(name);
    const manager = openServiceManager({ PATH: process.env['PATH'], NOTIFY_SOCKET: name, WATCHDOG_USEC: '60000' }, { log });
    let hung = false;
    manager.watch(() => (hung ? new Promise(() => undefined) : Promise.resolve()));
    await expect.poll(() => socket.messages().length, PATIENTLY).toBeGreaterThan(3);
    hung = true;
    await socket.silence(300);
    expect(new Set(socket.messages())).toEqual(new Set(['WATCHDOG=1']));
    manager.close();
    await socket.close();
  });

  it('is told also by a process that has nothing else to do, as one that hands over and leaves', async () => {
    const name = path.join(temporaryFolder(), 'notify');
    const socket = await openNotifySocket(name);
    const script = `
      import { openServiceManager } from ${JSON.stringify(path.join(PROJECT, 'src/service-manager/service-manager.ts'))};
      const manager = openServiceManager(process.env, { log: { warn: console.error } });
      console.log(await manager.mainPid(4711));
      manager.close();`;
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: name };
    expect(await runProgram(process.execPath, ['--input-type=module', '-e', script], { cwd: '/', env })).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
    expect(socket.messages()).toEqual(['MAINPID=4711']);
    await socket.close();
  });

  it('does not hear signs of life of another process than the one that it watches', async () => {
    const name = path.join(temporaryFolder(), 'notify');
    const socket = await openNotifySocket(name);
    const manager = openServiceManager({ PATH: process.env['PATH'], NOTIFY_SOCKET: name, WATCHDOG_USEC: '30000', WATCHDOG_PID: '1' }, { log });
    manager.watch(() => Promise.resolve());
    await soon(100);
    expect(await manager.ready()).toBe(true);
    expect(socket.messages()).toEqual(['READY=1']);
    expect(manager.successorEnv).toEqual({ NOTIFY_SOCKET: name });
    manager.close();
    await socket.close();
  });
});

describe('without a service manager', () => {
  it('nothing is told, and nobody waits for it', async () => {
    const manager = openServiceManager({ WATCHDOG_USEC: '1000' }, { log });
    manager.watch(() => Promise.reject(new Error('nobody is to be asked')));
    expect(await Promise.all([manager.ready(), manager.reloading(), manager.mainPid(1), manager.stopping(1)])).toEqual([false, false, false, false]);
    expect(manager.successorEnv).toEqual({});
  });

  it('or without systemd-notify, or with a socket that is gone, that is logged once and nothing fails', async () => {
    for (const [env, reason] of [
      [{ PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' }, /systemd-notify is not installed/],
      ...(NOT_TESTABLE === null ? [[{ PATH: process.env['PATH'], NOTIFY_SOCKET: '/nowhere/notify' }, /systemd-notify could not send/] as const] : []),
    ] as const) {
      logged.length = 0;
      const manager = openServiceManager({ ...env }, { log });
      expect(await Promise.all([manager.ready(), manager.stopping(1)])).toEqual([false, false]);
      expect(await manager.mainPid(1)).toBe(false);
      expect(logged).toHaveLength(1);
      expect(logged[0]).toMatch(reason);
      manager.close();
    }
  });
});

describe.skipIf(NOT_TESTABLE !== null)('ainogap serve as a service', () => {
  let product: Product;
  let socket: NotifySocket;
  const sends = (pattern: RegExp): Promise<void> => expect.poll(() => socket.messages().join('\n'), PATIENTLY).toMatch(pattern);
  beforeAll(async () => {
    const name = path.join(temporaryFolder(), 'notify');
    socket = await openNotifySocket(name);
    product = await startProduct({ topup: null, env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '1500000' } });
  });
  afterAll(async () => {
    await endSuccessors(product);
    await product.stop();
    await socket.close();
  });

  it('is ready when it listens, lives on, and reads its configuration again', async () => {
    await sends(new RegExp(`^READY=1 STATUS=listens on ${product.origin}$`, 'm'));
    await sends(/(^WATCHDOG=1\n[^]*){2}/m);
    product.server.kill('SIGHUP');
    await sends(/^RELOADING=1 MONOTONIC_USEC=\d+\n(WATCHDOG=1\n)*READY=1 STATUS=listens on [^ ]+$/m);
    product.writeConfig({ config: 'nonsense: 1' });
    product.server.kill('SIGHUP');
    await sends(/^READY=1 STATUS=listens on .*the last reload was refused/m);
    // install.sh waits for no hand-over of which it reads this.
    product.server.kill('SIGUSR2');
    await sends(/^READY=1 STATUS=hand-over under way\n(WATCHDOG=1\n)*READY=1 STATUS=hand-over refused: the configuration has a mistake/m);
  });

  it('gives no sign of life while it is stopped, and some again when it goes on', async () => {
    product.server.kill('SIGSTOP');
    await socket.silence(1_200).finally(() => product.server.kill('SIGCONT'));
    const { length } = socket.messages();
    await expect.poll(() => socket.messages().length, PATIENTLY).toBeGreaterThan(length);
  });

  it('names its successor as the main process, which alone speaks then and says that it stops, and for how long that may take', async () => {
    product.writeConfig({});
    product.server.kill('SIGUSR2');
    await sends(new RegExp(`^MAINPID=\\d+\\n([^]*\\n)?READY=1 STATUS=listens on ${product.origin}\\n(WATCHDOG=1\\n[^]*){2}`, 'm'));
    const [successor] = successorsOf(product);
    expect(socket.messages()).toContain(`MAINPID=${successor}`);
    process.kill(successor as number, 'SIGTERM');
    // The output of both ends with the successor.
    expect(await product.server.exited).toBe(0);
    await sends(/^STOPPING=1 EXTEND_TIMEOUT_USEC=35000000 /m);
    expect(socket.messages().filter((message) => message.startsWith('STOPPING=1'))).toHaveLength(1);
  });
});

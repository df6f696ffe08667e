import * as net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { assignSockets } from '../../src/handover/assign-sockets.ts';
import { takeGivenSockets, withPassedSockets, type GivenSocket } from '../../src/handover/given-sockets.ts';
import { readListenAddress } from '../../src/handover/listen-address.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(host: string): Promise<{ fd: number; port: number }> {
  const server = net.createServer();
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  return { fd: (server as unknown as { _handle: { fd: number } })._handle.fd, port: (server.address() as net.AddressInfo).port };
}

const socket = (more: Partial<GivenSocket>): GivenSocket => ({ name: 'data', fd: 3, address: { host: '127.0.0.1', port: 8787 }, setting: null, ...more });
const WANTED = [{ name: 'data', setting: '127.0.0.1:8787' }, { name: 'console', setting: '127.0.0.1:0' }] as const;

describe('the environment', () => {
  it('of a successor names the passed sockets in their order, and they are taken out of it', () => {
    const passed = [
      { name: 'data', address: { host: '127.0.0.1', port: 8787 }, setting: '127.0.0.1:8787' },
      { name: 'console', address: { host: '::1', port: 4711 }, setting: null },
    ] as const;
    const env = withPassedSockets({ HOME: '/root', LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'data' }, passed);
    expect(takeGivenSockets(env, { pid: 2, connected: true })).toEqual({ passed: true, sockets: [{ ...passed[0], fd: 3 }, { ...passed[1], fd: 4 }] });
    expect(env).toEqual({ HOME: '/root' });
  });

  it('of a service manager counts only for the process that it names', () => {
    const env = { LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'data' };
    expect(takeGivenSockets(env, { pid: 2, connected: false })).toEqual({ passed: false, sockets: [] });
    expect(env).toEqual({});
  });

  it.each(['x', '-1', '1.5'])('with LISTEN_FDS=%s is refused', (count) => {
    expect(() => takeGivenSockets({ LISTEN_PID: '7', LISTEN_FDS: count }, { pid: 7, connected: false })).toThrow(/LISTEN_FDS/);
  });

  it('with something that is no listening TCP socket is refused', () => {
    // Whatever descriptor 3 is in this process, it does not listen.
    expect(() => takeGivenSockets({ LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'data' }, { pid: 7, connected: false })).toThrow(/socket 1 .*data.* not a listening TCP socket/);
  });
});

describe.skipIf(process.platform !== 'linux')("a listening socket's address", () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('on %s is read without accepting', async (host) => {
    const { fd, port } = await listening(host);
    expect(readListenAddress(fd)).toEqual({ host, port });
  });

  it('is null of a file', () => {
    expect(readListenAddress(0)).toBeNull();
  });
});

describe('which socket serves what', () => {
  const names = (given: readonly GivenSocket[]) => {
    const { sockets, unused } = assignSockets(WANTED, given);
    return { sockets: Object.fromEntries([...sockets].map(([name, { fd }]) => [name, fd])), unused: unused.map(({ fd }) => fd) };
  };

  it("a predecessor's serves on while its setting is the same, port 0 included", () => {
    const given = [socket({ setting: '127.0.0.1:8787' }), socket({ name: 'console', fd: 4, setting: '127.0.0.1:0', address: { host: '127.0.0.1', port: 40_123 } })];
    expect(names(given)).toEqual({ sockets: { data: 3, console: 4 }, unused: [] });
    expect(names([socket({ setting: '127.0.0.1:9000' })])).toEqual({ sockets: {}, unused: [3] });
  });

  it("a service manager's goes by its name, by its address, and alone serves requests to models", () => {
    const elsewhere = { host: '0.0.0.0', port: 443 };
    expect(names([socket({ name: 'console', address: elsewhere })])).toEqual({ sockets: { console: 3 }, unused: [] });
    expect(names([socket({ name: null }), socket({ name: 'console', fd: 4 })])).toEqual({ sockets: { data: 3, console: 4 }, unused: [] });
    expect(names([socket({ name: null, address: elsewhere })])).toEqual({ sockets: { data: 3 }, unused: [] });
    expect(names([socket({ name: 'metrics' })])).toEqual({ sockets: {}, unused: [3] });
  });

  it('a doubt is refused', () => {
    const elsewhere = socket({ name: null, address: { host: '0.0.0.0', port: 443 } });
    expect(() => names([socket({}), elsewhere])).toThrow(/0\.0\.0\.0:443 has no name/);
    expect(() => names([socket({}), socket({ fd: 4 })])).toThrow(/two of the given sockets are for data/);
  });
});

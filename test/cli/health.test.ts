/** `ainogap health` against real gateways, other programs, and nothing. */
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTH_WITHIN_MS } from '../../src/cli/ask-health.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

let gateway: TestGateway;
let cli: CliFolder;
beforeAll(async () => {
  gateway = await openTestGateway();
  cli = openCliFolder();
});
afterAll(async () => {
  cli.remove();
  await gateway.close();
});

const listenOn = (listen: string, more = ''): string => cli.write('config.yaml', `listen: "${listen}"\ndatabase: ./none.db\nupstreams: { sim: { kind: simulator } }\n${more}`);

/** Another program on a port of its own, while `use` runs. */
async function beside<T>(server: net.Server, use: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

describe('a gateway that is well', () => {
  it('is found by its configuration, whose database is not opened', async () => {
    listenOn(`127.0.0.1:${gateway.port}`);
    const before = fs.readdirSync(cli.folder);
    expect(await cli.run(['health'])).toMatchObject({ code: 0, err: '', out: expect.stringMatching(new RegExp(`^healthy\thttp://127\\.0\\.0\\.1:${gateway.port}/healthz\t\\d+ ms\n$`)) });
    expect(await cli.json('health', '--ready')).toMatchObject({ healthy: true, url: `http://127.0.0.1:${gateway.port}/readyz`, reason: null });
    expect(fs.readdirSync(cli.folder)).toEqual(before);
  });

  it('is asked on loopback when it listens on all addresses', async () => {
    listenOn(`0.0.0.0:${gateway.port}`);
    expect(await cli.run(['health'])).toMatchObject({ code: 0 });
  });

  it('is found although its file has got a mistake elsewhere, for it goes on with what it read before', async () => {
    listenOn(`127.0.0.1:${gateway.port}`, 'nonsense: true\nhold_wait: never\n');
    expect((await cli.run(['verify'])).err).toContain('nonsense');
    expect(await cli.run(['health'])).toMatchObject({ code: 0 });
  });

  it('is found by --url, with no configuration at all', async () => {
    const out = await cli.run(['health', '--url', `http://localhost:${gateway.port}/`, '--config', '/nowhere.yaml']);
    expect(out).toMatchObject({ code: 0, out: expect.stringContaining(`http://localhost:${gateway.port}/healthz`) });
  });
});

describe('what is not well exits with 1 and says why', () => {
  const asked = async (port: number) => {
    listenOn(`127.0.0.1:${port}`);
    return await cli.run(['health']);
  };

  it('nothing listens', async () => {
    const port = await beside(net.createServer(), async (free) => free);
    expect(await asked(port)).toEqual({ code: 1, out: '', err: `error: http://127.0.0.1:${port}/healthz cannot be asked: nothing listens there.\n` });
    expect(await cli.run(['health', '--json'])).toMatchObject({ code: 1, out: expect.stringContaining('"healthy": false') });
  });

  it('another program answers 200', async () => {
    const page = http.createServer((_, res) => void res.end('<h1>Welcome</h1>'));
    expect(await beside(page, asked)).toMatchObject({ code: 1, err: expect.stringContaining('is another program there?') });
  });

  it('the database cannot be written', async () => {
    const full = http.createServer((_, res) => void res.writeHead(503).end('{"status":"database not writable"}'));
    expect(await beside(full, asked)).toMatchObject({ code: 1, err: expect.stringContaining('answered 503: database not writable.') });
  });

  it('something else is spoken there', async () => {
    const other = net.createServer((socket) => void socket.end('220 mail ready\r\n'));
    expect(await beside(other, asked)).toMatchObject({ code: 1, err: expect.stringContaining('another protocol') });
  });

  it(`no answer comes within ${HEALTH_WITHIN_MS / 1000} s, even when its first bytes do`, async () => {
    const sockets = new Set<net.Socket>();
    const hung = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{');
    });
    const began = performance.now();
    expect(await beside(hung, asked)).toMatchObject({ code: 1, err: expect.stringContaining('did not answer within 3 s') });
    expect(performance.now() - began).toBeGreaterThanOrEqual(HEALTH_WITHIN_MS - 10);
    for (const socket of sockets) socket.destroy();
  });

  it('it is not known where the gateway is', async () => {
    expect(await cli.run(['health', '--config', 'none.yaml'])).toMatchObject({ code: 1, err: expect.stringMatching(/not known where the gateway listens: .*none\.yaml cannot be read \(ENOENT\)/) });
    listenOn('127.0.0.1:0');
    expect(await cli.run(['health'])).toMatchObject({ code: 1, err: expect.stringContaining('--url') });
    cli.write('config.yaml', '- 1\n');
    expect(await cli.run(['health'])).toMatchObject({ code: 1, err: expect.stringContaining('is no configuration') });
  });

  it('wrong usage exits with 2', async () => {
    for (const url of ['127.0.0.1:8787', 'ftp://127.0.0.1', 'http://eva:pw@127.0.0.1', 'http://127.0.0.1/?x'])
      expect(await cli.run(['health', '--url', url])).toMatchObject({ code: 2, err: expect.stringContaining('--url must be an address') });
  });
});

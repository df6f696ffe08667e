/** How the two processes of a hand-over end, and what the successor takes over besides plain HTTP. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectBalancedBooks, requestOf, until } from '../support/books.ts';
import { ALIAS, LAUNCHER, NEW_MODEL as model, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { startChild, textOf } from '../support/run-program.ts';
import type { ServeProcess } from '../support/serve-process.ts';
import { endSuccessors, isAlive } from '../support/successors.ts';
import { postMessages, readStream, type MessagesCall, type StreamSeen } from '../support/sse.ts';

let product: Product;
/** The one that hands over: each test has its own, on the database of all. */
let server: ServeProcess;
beforeAll(async () => {
  product = await startProduct();
  product.server.kill('SIGTERM');
  await product.server.exited;
});
afterEach(() => endSuccessors(product));
afterAll(() => product.stop());

async function start(config: string): Promise<void> {
  product.writeConfig({ config });
  server = await product.serve();
}

const post = (call: Partial<MessagesCall> = {}): Promise<Response> => postMessages({ baseUrl: `${server.origin}/${ALIAS}`, key: product.key, model, prompt: 'Hi', ...call });
const handOver = (): Promise<{ from: number; to: number }> => product.json('handover');
const ended = (pid: number): Promise<boolean> => until(() => isAlive(pid), (alive) => !alive);

/** A stream of minutes, once its first text has come. */
async function longStream(): Promise<{ readonly ended: Promise<StreamSeen> }> {
  const response = await post({ prompt: 'Count [[simulate {"outputTokens":4000,"tokensPerSecond":20}]]', maxTokens: 5_000, stream: true });
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const seen = readStream(response, (name) => name === 'content_block_delta' && begin());
  await begun;
  return { ended: seen };
}

test('the old process ends its streams with the successor that is told to stop, within shutdown_grace', async () => {
  await start('shutdown_grace: 300ms');
  const stream = await longStream();
  const { from, to } = await handOver();
  server.kill('SIGUSR2');
  await server.printed(new RegExp(`"event":"handover_refused","by":"SIGUSR2","message":"process ${to} has taken over already"`));
  // Both serve meanwhile: the stream goes on, and what comes new is answered.
  expect((await post()).status).toBe(200);
  expect([isAlive(from), isAlive(to)]).toEqual([true, true]);
  process.kill(to, 'SIGTERM');
  const seen = await stream.ended;
  expect(seen.events.at(-1)).toBe('error');
  await Promise.all([ended(from), ended(to)]);
  expect(await server.exited).toBe(0);
  expect(await requestOf(product, seen.headers.get('x-ainogap-request-id'))).toMatchObject({ status: 'interrupted', usageSource: 'estimated' });
  await expectBalancedBooks(product);
  expect(fs.readdirSync(product.folder).filter((name) => /instance-|control-/.test(name))).toEqual([]);
});

test('after handover_grace what still runs in the old process is cut and billed in part', async () => {
  await start('handover_grace: 300ms');
  const stream = await longStream();
  const { from } = await handOver();
  expect((await stream.ended).events.at(-1)).toBe('error');
  await ended(from);
  expect(server.stderr()).toContain('"handover_grace_is_over"');
  await expectBalancedBooks(product);
});

test('sockets of a service manager are served whatever the configuration says, by every successor', async () => {
  product.writeConfig({});
  const { child, port } = await startWithSocket('data', '127.0.0.1');
  const baseUrl = `http://127.0.0.1:${port}/${ALIAS}`;
  expect((await post({ baseUrl })).status).toBe(200);
  expect((await handOver()).from).toBe(child.pid);
  expect((await handOver()).from).not.toBe(child.pid);
  expect((await post({ baseUrl })).status).toBe(200);
});

/** Starts the gateway as a service manager does that holds one socket, of that name; `log` is its standard error. */
async function startWithSocket(name: string, host: string): Promise<{ readonly child: ReturnType<typeof startChild>; readonly log: ReturnType<typeof textOf>; readonly port: number }> {
  const manager = net.createServer();
  await new Promise<void>((resolve) => void manager.listen(0, host, resolve));
  const { port } = manager.address() as net.AddressInfo;
  const { fd } = (manager as unknown as { readonly _handle: { readonly fd: number } })._handle;
  // The shell becomes the program, so that the process id is the one that it knows.
  const script = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=${name} exec "$0" "$@"`;
  const child = startChild('sh', ['-c', script, process.execPath, LAUNCHER, 'serve', '--port', '0'], { cwd: product.folder, env: product.env, stdio: ['ignore', 'ignore', 'pipe', fd] });
  const log = textOf(child.stderr);
  await until(() => log.text(), (text) => text.includes(`"socket_given","name":"${name}"`));
  manager.close();
  return { child, log, port };
}

test('the metrics of a service manager\'s socket are guarded by where that is reached', async () => {
  product.writeConfig({ config: 'metrics: { listen: "127.0.0.1:9464" }' });
  const { child, log } = await startWithSocket('metrics', '0.0.0.0');
  await until(() => child.exitCode, (code) => code !== null);
  expect(log.text()).toContain('metrics tell whoever asks what is sold');
});

/** What Prometheus reads there, and which process answers. */
async function scrape(url: string): Promise<{ readonly status: number; readonly startedAt: string | undefined }> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return { status: response.status, startedAt: /^process_start_time_seconds (\S+)/m.exec(await response.text())?.[1] };
}

test('metrics answer through several hand-overs, by the process that serves, and no descriptor is left over', async () => {
  await start('metrics: { listen: "127.0.0.1:0" }');
  await server.printed(/^metrics /m);
  const url = /^metrics\s+(\S+)/m.exec(server.stdout())?.[1] as string;
  const seen = new Set([(await scrape(url)).startedAt]);
  let scraping = true;
  const statuses = (async () => {
    const all = new Set<number | string>();
    while (scraping) all.add(await scrape(url).then(({ status }) => status, String));
    return [...all];
  })();
  const sockets = new Set([listeningOf(server.pid)]);
  for (let turn = 0; turn < 3; turn++) {
    const { from, to } = await handOver();
    await ended(from);
    seen.add((await scrape(url)).startedAt);
    sockets.add(listeningOf(to));
  }
  scraping = false;
  expect(await statuses).toEqual([200]);
  expect(seen.size).toBe(4);
  expect(sockets.size).toBe(1);
});

test.skipIf(!fs.existsSync('/proc/self/fdinfo'))('a reader of the log that stands still cannot make the successor wait, though the old process leaves the pipe as it found it', async () => {
  await start('');
  const { from, to } = await handOver();
  await ended(from);
  process.kill(to, 'SIGHUP');
  await until(() => server.stderr(), (text) => text.includes('"event":"reloaded"'));
  expect(Number.parseInt(/^flags:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${to}/fdinfo/2`, 'latin1'))?.[1] ?? '', 8) & fs.constants.O_NONBLOCK).not.toBe(0);
});

/** How many listening TCP sockets the process has open; 0 where the system does not tell. */
function listeningOf(pid: number): number {
  if (!fs.existsSync('/proc/self/fd')) return 0;
  const inodes = new Set(fs.readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n').map((line) => line.trim().split(/\s+/)).flatMap((fields) => (fields[3] === '0A' ? [`socket:[${fields[9]}]`] : [])));
  return fs.readdirSync(`/proc/${pid}/fd`).filter((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`))).length;
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: openssl is not installed, so handing over TLS is not tested');

/** The subject of the certificate that is shown there. */
function subjectAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test.skipIf(!hasOpenssl)("TLS and the console's own listener are handed over, with the certificate that is there then", async () => {
  const folder = temporaryFolder();
  const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const certify = (name: string): void => {
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    spawnSync('openssl', [...args, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert]);
  };
  certify('before');
  await start(`console: { listen: "127.0.0.1:0" }\ntls: { cert: "${cert}", key: "${key}" }`);
  await server.printed(/^docs /m);
  const origins = [server.origin, /^console\s+(https:\/\/[^/\s]+)/m.exec(server.stdout())?.[1] as string];
  const ports = origins.map((origin) => Number(new URL(origin).port));
  expect(await Promise.all(ports.map(subjectAt))).toEqual(['before', 'before']);
  certify('after');
  const { from } = await handOver();
  await ended(from);
  expect(await Promise.all(ports.map(subjectAt))).toEqual(['after', 'after']);
});

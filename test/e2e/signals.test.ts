/** Signals and exit codes of a running `serve`. */
import * as fs from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { expectBalancedBooks, requestOf, requestsOf, until } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product, type ProductOptions } from '../support/product.ts';
import { postMessages, readStream, type StreamSeen } from '../support/sse.ts';

let product: Product;
afterEach(async () => await product.stop());

const start = async (options: ProductOptions = {}): Promise<Product> => (product = await startProduct(options));

/** A stream that is under way: `started` when its first text has come. */
function openStream(prompt: string): { started: Promise<void>; ended: Promise<StreamSeen> } {
  let begin: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const ended = postMessages({ ...product, model, prompt, maxTokens: 5_000, stream: true }).then((response) =>
    readStream(response, (name) => {
      if (name === 'content_block_delta') begin();
    }),
  );
  return { started, ended };
}

const idOf = (seen: StreamSeen): string | null => seen.headers.get('x-ainogap-request-id');

test('SIGTERM refuses new work, lets a running stream finish and be billed, and exits with 0', async () => {
  await start();
  const stream = openStream('Count [[simulate {"outputTokens":150,"tokensPerSecond":100}]]');
  await stream.started;
  product.server.kill('SIGTERM');
  await product.server.printed(/"event":"stopping"/);
  await expect(postMessages({ ...product, model, prompt: 'Hi' }).then(({ status }) => status, () => 'refused')).resolves.toSatisfy((answer) => answer === 503 || answer === 'refused');
  const seen = await stream.ended;
  expect(seen).toMatchObject({ whole: true });
  expect(seen.events.at(-1)).toBe('message_stop');
  expect(await product.server.exited).toBe(0);
  expect(fs.readdirSync(product.folder).filter((name) => /-wal|-shm|instance-/.test(name))).toEqual([]);
  expect(await requestOf(product, idOf(seen))).toMatchObject({ status: 'completed', usageSource: 'reported', outputTokens: 150 });
  await expectBalancedBooks(product);
});

test.each(['SIGTERM', 'SIGINT'] as const)('a second %s cuts a running stream with an error event and a partial charge', async (signal) => {
  await start();
  const stream = openStream('Count [[simulate {"outputTokens":4000,"tokensPerSecond":50}]]');
  await stream.started;
  product.server.kill(signal);
  await product.server.printed(/"event":"stopping"/);
  product.server.kill(signal);
  const seen = await stream.ended;
  expect(seen.events.at(-1)).toBe('error');
  expect(seen.events).not.toContain('message_stop');
  expect(await product.server.exited).toBe(0);
  const row = await requestOf(product, idOf(seen));
  expect(row).toMatchObject({ status: 'interrupted', usageSource: 'estimated' });
  expect(row.outputTokens).toBeGreaterThan(0);
  expect(row.outputTokens).toBeLessThan(4_000);
  await expectBalancedBooks(product);
});

test('when the grace is over, what still runs is cut and billed in part', async () => {
  await start({ config: 'shutdown_grace: 300ms' });
  const stream = openStream('Count [[simulate {"outputTokens":4000,"tokensPerSecond":50}]]');
  await stream.started;
  product.server.kill('SIGTERM');
  expect((await stream.ended).events.at(-1)).toBe('error');
  expect(await product.server.exited).toBe(0);
  await expectBalancedBooks(product);
});

test('SIGHUP puts a changed configuration in force, and keeps the old one when the new one has mistakes', async () => {
  await start();
  const outputTokens = async (): Promise<number> => {
    const response = await postMessages({ ...product, model, prompt: 'Hi' });
    return ((await response.json()) as { usage: { output_tokens: number } }).usage.output_tokens;
  };
  expect(await outputTokens()).toBe(120);
  product.writeConfig({ upstreams: '  simulator: { kind: simulator, output_tokens: 33 }' });
  product.server.kill('SIGHUP');
  await product.server.printed(/"event":"reloaded"/);
  expect(await outputTokens()).toBe(33);
  product.writeConfig({ upstreams: '  simulator: { kind: simulator, output_tokns: 44 }', config: 'hold_wait: soon' });
  product.server.kill('SIGHUP');
  await product.server.printed(/old configuration stays/);
  expect(product.server.stderr()).toMatch(/config\.yaml:\d+.*output_tokns.*did you mean/);
  expect(product.server.stderr()).toMatch(/config\.yaml:\d+.*hold_wait/);
  expect(await outputTokens()).toBe(33);
});

test('a stream that began before a SIGHUP ends as it began', async () => {
  await start();
  const stream = openStream('Count [[simulate {"outputTokens":120,"tokensPerSecond":80}]]');
  await stream.started;
  product.writeConfig({ upstreams: '  simulator: { kind: simulator, output_tokens: 33 }' });
  product.server.kill('SIGHUP');
  await product.server.printed(/"event":"reloaded"/);
  expect((await stream.ended).events.at(-1)).toBe('message_stop');
  await expectBalancedBooks(product);
});

test('a database that is replaced under it ends it with 70', async () => {
  await start();
  for (const suffix of ['', '-wal', '-shm']) {
    const file = product.database + suffix;
    if (fs.existsSync(file)) fs.renameSync(file, file.replace('ainogap.db', 'moved.db'));
  }
  // Whoever asks is not answered 200 any more, and the process ends by itself even if nobody asks.
  void postMessages({ ...product, model, prompt: 'Hi' }).catch(() => undefined);
  expect(await product.server.exited).toBe(70);
  expect(product.server.stderr()).toMatch(/replaced|moved|gone|another file/i);
});

test('a port that is taken, a configuration with mistakes and a missing database are said in words, with 1', async () => {
  await start();
  const taken = await product.cli('serve', '--port', new URL(product.origin).port);
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/in use|taken/i) as unknown });
  expect(taken.stderr).not.toMatch(/\n\s+at /);
  product.writeConfig({ config: 'hold_wait: soon' });
  expect(await product.cli('serve', '--port', '0')).toMatchObject({ code: 1, stderr: expect.stringContaining('hold_wait') as unknown });
  product.writeConfig({});
  fs.writeFileSync(product.config, fs.readFileSync(product.config, 'utf8').replace('./ainogap.db', './nowhere.db'));
  expect(await product.cli('serve', '--port', '0')).toMatchObject({ code: 1, stderr: expect.stringContaining('nowhere.db') as unknown });
});

test('an upstream credential that is missing stops the start, and is never printed when it is there', async () => {
  await start({ env: { UPSTREAM_KEY: 'sk-ant-very-secret' } });
  product.writeConfig({ upstreams: '  simulator: { kind: anthropic, base_url: "http://127.0.0.1:9", credential: env:UPSTREAM_KEY }' });
  const server = await product.serve();
  const response = await postMessages({ ...product, baseUrl: `${server.origin}/claude`, model, prompt: 'Hi' });
  expect(response.status).toBe(502);
  const said = `${await response.text()}${JSON.stringify([...response.headers])}${server.stdout()}${server.stderr()}${JSON.stringify(await requestsOf(product))}`;
  expect(said).not.toContain('very-secret');
  product.writeConfig({ upstreams: '  simulator: { kind: anthropic, base_url: "http://127.0.0.1:9", credential: env:NOT_SET }' });
  expect(await product.cli('serve', '--port', '0')).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT_SET') as unknown });
  await until(() => requestsOf(product), (rows) => rows.length === 1);
});

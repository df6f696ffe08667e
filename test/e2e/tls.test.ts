/** The gateway serving HTTPS itself, called by the official SDK. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectBalancedBooks, requestsOf } from '../support/books.ts';
import { NEW_MODEL as model, PROJECT, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { runProgram } from '../support/run-program.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: openssl is not installed, so HTTPS is not tested');

describe.skipIf(!hasOpenssl)('HTTPS', () => {
  let folder: string;
  let product: Product;
  const file = (name: string): string => path.join(folder, name);
  beforeAll(async () => {
    folder = temporaryFolder();
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    spawnSync('openssl', [...args, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem')]);
    product = await startProduct({ config: `tls: { cert: "${file('cert.pem')}", key: "${file('key.pem')}" }` });
  });
  afterAll(async () => {
    await product.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('the SDK streams over it and is billed', async () => {
    expect(product.origin).toMatch(/^https:/);
    const script = `
      import Anthropic from ${JSON.stringify(path.join(PROJECT, 'node_modules/@anthropic-ai/sdk/index.mjs'))};
      const client = new Anthropic({ baseURL: process.argv[2], apiKey: process.argv[3], maxRetries: 0 });
      const stream = client.messages.stream({ model: '${model}', max_tokens: 60, messages: [{ role: 'user', content: 'Hello' }] });
      console.log((await stream.finalMessage()).stop_reason);`;
    fs.writeFileSync(file('client.mjs'), script);
    const env = { ...product.env, NODE_EXTRA_CA_CERTS: file('cert.pem') };
    expect(await runProgram(process.execPath, [file('client.mjs'), product.baseUrl, product.key], { cwd: folder, env })).toMatchObject({ code: 0, stdout: 'max_tokens\n' });
    expect(await requestsOf(product)).toHaveLength(1);
    await expectBalancedBooks(product);
  });

  test('plain HTTP on its port gets no answer from the gateway', async () => {
    await expect(fetch(`${product.baseUrl.replace('https:', 'http:')}/v1/models`, { headers: { 'x-api-key': product.key } })).rejects.toThrow();
  });

  test('its health is asked over it: unverified on this machine, for the certificate may be its own, and nowhere else', async () => {
    fs.writeFileSync(file('listen.yaml'), `listen: 127.0.0.1:${new URL(product.origin).port}\ntls: { cert: cert.pem, key: key.pem }\n`);
    expect(await product.cli('health', '--config', file('listen.yaml'))).toMatchObject({ code: 0, stdout: expect.stringContaining('healthy\thttps://127.0.0.1:') });
    expect(await product.cli('health', '--url', product.origin)).toMatchObject({ code: 0 });
    expect(await product.cli('health', '--url', product.origin.replace('https:', 'http:'))).toMatchObject({ code: 1 });
  });

  test('a certificate that is not there stops the start in words', async () => {
    product.writeConfig({ config: 'tls: { cert: ./no.pem, key: ./no.key }' });
    const { code, stderr } = await product.cli('serve', '--port', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no\.pem/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/**
 * The guide's examples, taken from the very pages that a running gateway serves, and run as a reader would: shell by
 * bash and curl, TypeScript by Node and the official SDK, Claude Code by itself. Fences say what is run (`bash run`).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUIDE_SLUGS } from '../../src/docs/guide-page.ts';
import { claudeCode, claudeCodeEnv } from '../support/claude-code.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { BUYER, PROJECT } from '../support/product.ts';
import { runProgram, type Finished } from '../support/run-program.ts';

interface Example {
  readonly slug: string;
  readonly language: string;
  /** The words after the language. */
  readonly marks: readonly string[];
  readonly code: string;
}

const FENCE = /^```(\w+)((?: \w+)*)\n([\s\S]*?)^```$/gm;

const examplesIn = (slug: string, markdown: string): Example[] =>
  [...markdown.matchAll(FENCE)].map(([, language = '', marks = '', code = '']) => ({ slug, language, marks: marks.trim().split(' '), code }));

/** Which are run is known before anything runs, from the guide as it is in the repository. */
const written = GUIDE_SLUGS.flatMap((slug) => examplesIn(slug, fs.readFileSync(path.join(PROJECT, 'docs/guide', `${slug}.md`), 'utf8')));
const named = (language: string, ...marks: string[]): string[] =>
  written.flatMap((example, i) => (example.language === language && marks.join(' ') === example.marks.join(' ') ? [`${example.slug} (example ${i + 1})`] : []));

describe('the examples of the guide', () => {
  let gateway: ConsoleGateway;
  let served: Example[] = [];
  let env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    gateway = await startConsole();
    const pages = await Promise.all(GUIDE_SLUGS.map(async (slug) => examplesIn(slug, await (await gateway.call('GET', `/docs/${slug}.md`)).text())));
    served = pages.flat();
    const { buyer, product } = gateway;
    // The SDK is found from a folder within the project only.
    fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(product.folder, 'node_modules'), 'dir');
    env = { ...product.env, AINOGAP_KEY: product.key, AINOGAP_SESSION: buyer.token, AINOGAP_NAME: BUYER, AINOGAP_PASSWORD: buyer.password };
  });
  afterAll(async () => await gateway.stop());

  const exampleOf = (name: string): Example => served[Number(/\d+/.exec(name)?.[0]) - 1] as Example;
  const shell = (code: string, more: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    runProgram('bash', ['-euo', 'pipefail', '-c', code.replaceAll(/\bcurl\b/g, 'curl --silent --show-error --fail-with-body')], { cwd: gateway.product.folder, env: { ...env, ...more } });

  test('are those that are written in the repository, filled in', () => {
    expect(served.map(({ slug, language }) => `${slug} ${language}`)).toEqual(written.map(({ slug, language }) => `${slug} ${language}`));
    expect(served.filter(({ code }) => /\{\{|YOUR-ROUTE/.test(code))).toEqual([]);
    expect([named('bash', 'run'), named('ts', 'run'), named('python', 'check'), named('bash', 'run', 'session')].every((names) => names.length > 1)).toBe(true);
  });

  test.each(named('bash', 'run'))('shell: %s', async (name) => {
    const { code, stdout, stderr } = await shell(exampleOf(name).code);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/"type":\s?"(message|message_stop|model)"/);
    if (stdout.includes('message_start')) expect(stdout).toContain('event: message_stop');
  });

  test.each(named('ts', 'run'))('TypeScript: %s', async (name) => {
    const file = path.join(gateway.product.folder, `example-${/\d+/.exec(name)?.[0]}.mts`);
    fs.writeFileSync(file, exampleOf(name).code);
    const { code, stdout, stderr } = await runProgram(process.execPath, [file], { cwd: gateway.product.folder, env });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/usage|input_tokens|input:|charged|mend the request|wrote/);
  });

  test('prompt caching writes with the first question and reads with the second', async () => {
    const { code: example } = exampleOf(named('ts', 'run').find((name) => name.startsWith('caching')) as string);
    const file = path.join(gateway.product.folder, 'caching.mts');
    // Another prefix than that of the test above, which may have written it already.
    fs.writeFileSync(file, example.replace('stay on topic', 'keep to the topic'));
    const { stdout } = await runProgram(process.execPath, [file], { cwd: gateway.product.folder, env });
    const [first, second] = [...stdout.matchAll(/wrote: (\d+), read: (\d+)/g)].map(([, wrote, read]) => ({ wrote: Number(wrote), read: Number(read) }));
    expect(first?.wrote).toBeGreaterThan(1000);
    expect(first?.read).toBe(0);
    expect(second).toEqual({ wrote: 0, read: first?.wrote });
  });

  test.each(named('bash', 'run', 'login'))('signing in: %s', async (name) => {
    const { code, stdout, stderr } = await shell(exampleOf(name).code);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const { item } = JSON.parse(stdout) as { item: { name: string; sessionToken: string } };
    expect(item.name).toBe(BUYER);
    expect((await gateway.call('GET', '/buyer/me', { token: item.sessionToken })).status).toBe(200);
  });

  test.each(named('bash', 'run', 'session').filter((name) => !name.startsWith('keys')))('with a session: %s', async (name) => {
    const { code, stdout, stderr } = await shell(exampleOf(name).code);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(Object.keys(JSON.parse(stdout) as object)[0]).toMatch(/^items?$/);
  });

  test.each(named('python', 'check'))('Python: %s', async (name) => {
    const { code: example } = exampleOf(name);
    expect(example).toContain(`base_url="${gateway.product.baseUrl}"`);
    expect(example).toContain('os.environ["AINOGAP_KEY"]');
    const compiled = await runProgram('python3', ['-c', 'import sys; compile(sys.argv[1], "example", "exec")', example], { cwd: gateway.product.folder, env: { ...process.env, ...env } }).catch(() => null);
    if (compiled === null) return console.warn('SKIPPED: there is no python3, so this example was not compiled');
    expect({ code: compiled.code, stderr: compiled.stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.skipIf(claudeCode === null)('Claude Code answers with the set-up of its page', async () => {
    const { code: example } = exampleOf(named('bash', 'run', 'claude')[0] as string);
    const command = `${example.trim().replace(/^claude\b/m, `'${claudeCode as string}'`)} -p 'Good morning to you'`;
    const { code, stdout, stderr } = await shell(command, { ...claudeCodeEnv(gateway.product.folder), AINOGAP_KEY: gateway.product.key });
    expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
    expect(stdout).toContain('Good morning to you');
  });

  test('JSON examples are JSON, and the settings of Claude Code name this gateway', () => {
    const json = served.filter(({ language }) => language === 'json');
    for (const { code } of json) expect(() => JSON.parse(code) as unknown, code).not.toThrow();
    const settings = json.find(({ marks }) => marks.includes('settings'));
    expect(JSON.parse(settings?.code ?? '{}')).toMatchObject({ env: { ANTHROPIC_BASE_URL: gateway.product.baseUrl } });
  });

  // Last, for it revokes the key that the others use.
  test.each(named('bash', 'run', 'session').filter((name) => name.startsWith('keys')))('rotation: %s', async (name) => {
    const { code, stdout, stderr } = await shell(exampleOf(name).code);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const { item } = JSON.parse(stdout) as { item: Record<string, string> };
    const told = JSON.parse(served.find(({ slug, language }) => slug === 'keys' && language === 'json')?.code ?? '{}') as { item: object };
    expect(Object.keys(item).toSorted()).toEqual(Object.keys(told.item).toSorted());
    const models = (key: string): Promise<Response> => fetch(`${gateway.product.baseUrl}/v1/models`, { headers: { 'x-api-key': key } });
    expect((await models(gateway.product.key)).status).toBe(401);
    expect((await models(item['routeApiKey'] ?? '')).status).toBe(200);
  });
});

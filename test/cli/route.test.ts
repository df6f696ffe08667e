import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

interface RouteDocument {
  readonly cardVersion: string;
  readonly changed?: boolean;
  readonly models: readonly { readonly model: string; readonly prices: Record<string, number>; readonly list: Record<string, number> | null }[];
}

const route = async (...argv: string[]): Promise<RouteDocument> => (await cli.json('route', ...argv)) as RouteDocument;
const priceOf = (document: RouteDocument, model: string): number | undefined =>
  document.models.find((entry) => entry.model === model)?.prices['inputPerMillionTokensUsdMicros'];

const EXTRA_MODEL = `models:
  - id: claude-opus-5-5
    prices: { input: 6, output: 30, cache_write_5m: 7.5, cache_write_1h: 12, cache_read: 0.3 }
    context_window: 1000000
    max_output: 128000
`;

describe('ainogap route create', () => {
  it('prices the whole book at the multiplier, once', async () => {
    const created = await route('create', 'claude-fast', '--upstream', 'anthropic', '--multiplier', '0.8');
    expect(created).toMatchObject({ alias: 'claude-fast', routeId: 'route_1', cardVersion: 'pc_1', open: true, buyers: null, holdOutputTokens: null });
    expect(created.models.map(({ model }) => model)).toEqual(createPriceBook([]).models.map(({ id }) => id));
    expect(created.models.find(({ model }) => model === 'claude-opus-4-6')).toMatchObject({
      prices: {
        inputPerMillionTokensUsdMicros: 4_000_000,
        outputPerMillionTokensUsdMicros: 20_000_000,
        cacheWrite5mPerMillionTokensUsdMicros: 5_000_000,
        cacheWrite1hPerMillionTokensUsdMicros: 8_000_000,
        cacheReadPerMillionTokensUsdMicros: 400_000,
      },
      list: { inputPerMillionTokensUsdMicros: 5_000_000 },
    });
  });

  it('warns below list price and not at it', async () => {
    const cheap = await cli.run(['route', 'create', 'a', '--upstream', 'anthropic', '--multiplier', '0.8']);
    expect(cheap.err).toContain('! multiplier 0.8 is below 1');
    const list = await cli.run(['route', 'create', 'b', '--upstream', 'anthropic']);
    expect(list.code).toBe(0);
    expect(list.err).not.toContain('!');
  });

  it('takes only the models that --models names, by any of their names', async () => {
    const created = await route('create', 'a', '--upstream', 'anthropic', '--models', 'claude-haiku-4-5-20251001, claude-opus-4-6,claude-haiku-4-5');
    expect(created.models.map(({ model }) => model)).toEqual(['claude-haiku-4-5', 'claude-opus-4-6']);
  });

  it.each([
    [['create', 'a'], 2, '--upstream'],
    [['create', 'Claude', '--upstream', 'anthropic'], 2, 'not a route alias'],
    [['create', 'admin', '--upstream', 'anthropic'], 2, 'reserved'],
    [['create', 'a', '--upstream', 'antropic'], 1, 'Did you mean "anthropic"?'],
    [['create', 'a', '--upstream', 'anthropic', '--models', 'claude-opus-4-8'], 1, 'Did you mean "claude-opus-4-6"?'],
    [['create', 'a', '--upstream', 'anthropic', '--models', 'a,,b'], 2, '--models'],
    [['create', 'a', '--upstream', 'anthropic', '--multiplier', '0'], 2, 'above 0'],
    [['create', 'a', '--upstream', 'anthropic', '--multiplier', '-1'], 2, 'multiplier'],
    [['create', 'a', '--upstream', 'anthropic', '--multiplier', '0.8', '--card', 'x'], 2, 'one of them'],
    [['create', 'a', '--upstream', 'anthropic', '--models', 'x', '--card', 'x'], 2, 'leave out --models'],
    [['create', 'a', '--upstream', 'anthropic', '--card', 'missing.yaml'], 1, 'cannot read the price card'],
    [['create', 'a', '--upstream', 'anthropic', '--buyers', 'nobody'], 1, 'buyer "nobody" not found'],
    [['create', 'a', '--upstream', 'anthropic', '--hold-output-tokens', '-3'], 2, '--hold-output-tokens'],
    [['set', 'nothing', '--multiplier', '1'], 1, 'route "nothing" not found'],
    [['set', 'a'], 2, 'something to change'],
    [['set', 'a', '--open', '--buyers', 'x'], 2, 'contradict'],
    [['show', 'nothing'], 1, 'route "nothing" not found'],
    [['delete', 'nothing', '--yes'], 1, 'route "nothing" not found'],
  ])('answers %j with exit %i and %j, and makes no route', async (argv, code, words) => {
    const result = await cli.run(['route', ...argv]);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
    expect(await cli.json('route', 'list')).toEqual({ routes: [] });
  });

  it('refuses an alias that exists', async () => {
    await route('create', 'a', '--upstream', 'anthropic');
    expect(await cli.run(['route', 'create', 'a', '--upstream', 'anthropic'])).toMatchObject({ code: 1, err: expect.stringContaining('"a" already') as string });
  });
});

describe('a price card from a file', () => {
  const create = (file: string) => cli.run(['route', 'create', 'a', '--upstream', 'anthropic', '--card', file, '--json']);

  it('reads prices as they are written, not as floats', async () => {
    cli.write(
      'card.yaml',
      `web_search_per_thousand: 12.5
models:
  claude-opus-4-6: { input: 4.000001, output: "20.10", cache_write_5m: 5, cache_write_1h: 8.3, cache_read: 0.4 }
`,
    );
    const { code, out } = await create('card.yaml');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      webSearchPerMillionUsdMicros: 12_500_000_000,
      cardOrigin: { kind: 'file', file: 'card.yaml' },
      models: [
        {
          model: 'claude-opus-4-6',
          prices: {
            inputPerMillionTokensUsdMicros: 4_000_001,
            outputPerMillionTokensUsdMicros: 20_100_000,
            cacheWrite5mPerMillionTokensUsdMicros: 5_000_000,
            cacheWrite1hPerMillionTokensUsdMicros: 8_300_000,
            cacheReadPerMillionTokensUsdMicros: 400_000,
          },
        },
      ],
    });
  });

  it('may be JSON', async () => {
    const prices = { input: 1.1, output: '5', cache_write_5m: 1, cache_write_1h: 2, cache_read: 0.1 };
    cli.write('card.json', JSON.stringify({ models: { 'claude-haiku-4-5': prices } }));
    const { out } = await create('card.json');
    expect(priceOf(JSON.parse(out) as RouteDocument, 'claude-haiku-4-5')).toBe(1_100_000);
  });

  it('has every mistake reported at once, each with its line', async () => {
    cli.write(
      'card.yaml',
      `web_search: 10
models:
  claude-opus-4-6:
    input: 4.0000001
    output: -1
    cache_write_5m: 1e3
    cache_write_1h: free
    cache_red: 0.4
  claude-opus-4-9: { input: 1 }
  claude-haiku-4-5: 5
  claude-sonnet-4-6: { input: 1, output: 2, cache_write_5m: 3, cache_write_1h: 4, cache_read: 5000000 }
`,
    );
    const { code, out, err } = await create('card.yaml');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    const lines = err.split('\n').map((line) => line.trim());
    expect(lines[0]).toContain('10 mistakes');
    for (const start of [
      'card.yaml:1: web_search: unknown key.',
      'card.yaml:4: models.claude-opus-4-6.input: ',
      'card.yaml:5: models.claude-opus-4-6.output: must not be below 0',
      'card.yaml:6: models.claude-opus-4-6.cache_write_5m: ',
      'card.yaml:7: models.claude-opus-4-6.cache_write_1h: ',
      'card.yaml:8: models.claude-opus-4-6.cache_red: unknown key. Did you mean "cache_read"?',
      'card.yaml:3: models.claude-opus-4-6.cache_read: is missing',
      'card.yaml:9: models.claude-opus-4-9: unknown model. Did you mean "claude-opus-4-6"?',
      'card.yaml:10: models.claude-haiku-4-5: must have five prices',
      'card.yaml:11: models.claude-sonnet-4-6.cache_read: is above',
    ])
      expect(lines.filter((line) => line.startsWith(start)), start).toHaveLength(1);
    expect(await cli.json('route', 'list')).toEqual({ routes: [] });
  });

  it.each(['', '[]', 'models: {}', 'models: [a]', 'models:\n  claude-opus-4-6:\n  claude-opus-4-6:\n', '{"models":', 'a: &a [*a]'])('refuses %j in words', async (text) => {
    cli.write('card.yaml', text);
    const { code, out, err } = await create('card.yaml');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/card\.yaml:\d+: /);
  });
});

describe('ainogap route set', () => {
  beforeEach(async () => {
    await route('create', 'a', '--upstream', 'anthropic', '--multiplier', '0.8', '--models', 'claude-opus-4-6,claude-haiku-4-5');
  });

  it('makes a new version for other prices and none for the same', async () => {
    const changed = await route('set', 'a', '--multiplier', '0.9');
    expect(changed).toMatchObject({ cardVersion: 'pc_2', changed: true });
    expect(priceOf(changed, 'claude-opus-4-6')).toBe(4_500_000);
    expect(changed.models).toHaveLength(2);
    expect(await route('set', 'a', '--multiplier', '0.90')).toMatchObject({ cardVersion: 'pc_2', changed: false });
  });

  it('keeps the card when only the hold or the buyers change', async () => {
    await cli.run(['buyer', 'create', 'acme']);
    expect(await route('set', 'a', '--hold-output-tokens', '4096', '--buyers', 'acme')).toMatchObject({
      cardVersion: 'pc_1',
      holdOutputTokens: 4096,
      open: false,
      buyers: [{ buyerId: 'buyer_1', name: 'acme' }],
    });
    expect(await route('set', 'a', '--open', '--hold-output-tokens', 'none')).toMatchObject({ open: true, buyers: null, holdOutputTokens: null, cardVersion: 'pc_1' });
  });

  it('adds the new models of the book with --sync and reprices none', async () => {
    cli.write('config.yaml', `listen: 127.0.0.1:8787\ndatabase: ./ainogap.db\nupstreams:\n  anthropic:\n    kind: anthropic\n    base_url: https://api.anthropic.com\n    credential: env:ANTHROPIC_API_KEY\n${EXTRA_MODEL}`);
    const shown = await route('show', 'a');
    expect(shown.models).toHaveLength(2);
    const synced = await route('set', 'a', '--sync');
    expect(synced.cardVersion).toBe('pc_2');
    expect(synced.models).toHaveLength(5);
    expect(priceOf(synced, 'claude-opus-5-5')).toBe(4_800_000);
    expect(synced.models.slice(0, 2)).toEqual(shown.models);
    expect(await route('set', 'a', '--sync')).toMatchObject({ changed: false, cardVersion: 'pc_2' });
  });

  it('changes the models with --models and keeps the prices of those that stay', async () => {
    const before = await route('show', 'a');
    const after = await route('set', 'a', '--models', 'claude-opus-4-6,claude-opus-4-7');
    expect(after.models.map(({ model }) => model)).toEqual(['claude-opus-4-6', 'claude-opus-4-7']);
    expect(priceOf(after, 'claude-opus-4-7')).toBe(4_000_000);
    expect(after.models[0]).toEqual(before.models.find(({ model }) => model === 'claude-opus-4-6'));
  });

  it('has no multiplier for further models of a card that came from a file', async () => {
    cli.write('card.yaml', 'models:\n  claude-opus-4-6: { input: 1, output: 2, cache_write_5m: 3, cache_write_1h: 4, cache_read: 5 }\n');
    await route('set', 'a', '--card', 'card.yaml');
    const { code, err } = await cli.run(['route', 'set', 'a', '--sync']);
    expect(code).toBe(1);
    expect(err).toContain('card.yaml');
    expect(await route('show', 'a')).toMatchObject({ cardVersion: 'pc_2' });
  });

  it('leaves everything as it was when one of the changes is refused', async () => {
    const { code } = await cli.run(['route', 'set', 'a', '--multiplier', '2', '--buyers', 'nobody']);
    expect(code).toBe(1);
    expect(await route('show', 'a')).toMatchObject({ cardVersion: 'pc_1', open: true });
  });
});

describe('ainogap route show, list and delete', () => {
  it('shows card, list and margin per class, the version, and the risk that was taken', async () => {
    await cli.run(['route', 'create', 'a', '--upstream', 'anthropic', '--multiplier', '1.25', '--models', 'claude-opus-4-6', '--hold-output-tokens', '4096']);
    const { out } = await cli.run(['route', 'show', 'a'], { terminal: 120, env: { NO_COLOR: '1' } });
    expect(out).toContain('price card pc_1, 1.25 × the list of 2026-11');
    expect(out).toMatch(/claude-opus-4-6 +input +6\.2500 +5\.0000 +20\.0%/);
    expect(out).toMatch(/read +0\.6250 +0\.5000 +20\.0%/);
    expect(out).toContain('Holds only 4096 output tokens');
    expect(out).toContain('is your loss');
  });

  it('says nothing of a risk that was not taken', async () => {
    await cli.run(['route', 'create', 'a', '--upstream', 'anthropic']);
    expect((await cli.run(['route', 'show', 'a'])).out).not.toContain('loss');
  });

  it('warns when the upstream has left the configuration', async () => {
    await cli.run(['route', 'create', 'a', '--upstream', 'anthropic']);
    cli.write('config.yaml', 'database: ./ainogap.db\nupstreams:\n  other:\n    kind: simulator\n');
    expect((await cli.run(['route', 'show', 'a'])).err).toContain('! Upstream anthropic is not in the configuration');
  });

  it('lists as tab-separated values and deletes with --yes only', async () => {
    await cli.run(['route', 'create', 'a', '--upstream', 'anthropic', '--models', 'claude-opus-4-6']);
    expect((await cli.run(['route', 'list'])).out).toBe(
      'alias\tupstream\tprices\tcardVersion\tbuyers\tmodels\na\tanthropic\t1 × list\tpc_1\tall\tclaude-opus-4-6\n',
    );
    expect(await cli.run(['route', 'delete', 'a'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string });
    expect(await cli.run(['route', 'delete', 'a'], { terminal: 100, answer: false })).toMatchObject({ code: 1 });
    expect(await cli.json('route', 'delete', 'a', '--yes')).toEqual({ alias: 'a', deleted: true });
    expect(await cli.json('route', 'list')).toEqual({ routes: [] });
  });
});

describe('ainogap price list', () => {
  it('needs neither a configuration nor a database', async () => {
    for (const name of ['config.yaml', 'ainogap.db']) fs.rmSync(path.join(cli.folder, name));
    const document = await cli.json('price', 'list');
    expect(document).toMatchObject({ date: '2026-11', webSearchPerMillionUsdMicros: 10_000_000_000 });
  });

  it('has the date, five prices a model, and the models of the configuration', async () => {
    cli.write('config.yaml', `database: ./ainogap.db\nupstreams:\n  s:\n    kind: simulator\n${EXTRA_MODEL}`);
    const { out } = await cli.run(['price', 'list']);
    const [head, ...rows] = out.trimEnd().split('\n').map((line) => line.split('\t'));
    expect(head).toEqual(['model', 'input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead', 'contextWindow', 'maxOutput', 'aliases', 'date']);
    expect(rows).toHaveLength(5);
    expect(rows.find(([model]) => model === 'claude-opus-5-5')).toEqual(['claude-opus-5-5', '6.000000', '30.000000', '7.500000', '12.000000', '0.300000', '1000000', '128000', '', '2026-11']);
  });
});

/** The house rules of ARCHITECTURE.md, read from the sources themselves. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERRORS } from '../src/errors.ts';

const PROJECT = path.resolve(import.meta.dirname, '..');
const SRC = path.join(PROJECT, 'src');
const LINES_MAX = 300;

const VOCABULARY = ['money.ts', 'tokens.ts', 'ids.ts', 'errors.ts'];
const LOG = 'log.ts';

/**
 * For each folder or file below src/, what else below src/ it may import: a folder, or a single file. The vocabulary is
 * open to all but itself; a folder may import itself.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'money.ts': [],
  'tokens.ts': [],
  'ids.ts': [],
  'errors.ts': [],
  'log.ts': ['log', 'printable.ts'],
  log: ['printable.ts'],
  'traceparent.ts': [],
  'request-log': ['ledger/ledger.ts', 'proxy/observer.ts', 'traceparent.ts', LOG],
  tracing: ['config.ts', 'log/hide-secrets.ts', 'program-files.ts', 'ledger/ledger.ts', 'proxy/observer.ts', 'traceparent.ts', LOG],
  'printable.ts': [],
  'roster.ts': [],
  'deadlines.ts': ['roster.ts'],
  'linger.ts': [],
  'config.ts': ['config', 'metering/price-card.ts'],
  config: ['config.ts', 'metering', 'nearest.ts', 'printable.ts'],
  metering: [],
  'program-files.ts': [],
  db: ['program-files.ts'],
  ledger: ['db', LOG, 'program-files.ts'],
  backups: ['actions', 'audit', 'auth/end-all-sessions.ts', 'db', 'registry/key-format.ts'],
  doctor: ['actions/record-backup.ts', 'config.ts', 'config/readable-by-others.ts', 'db', 'ledger/instances.ts', 'metering/price-book.ts', 'registry/routes.ts', 'upstreams/anthropic.ts', 'upstreams/upstream.ts'],
  registry: ['db', 'metering/price-card.ts', 'metering/price-book.ts'],
  archive: ['actions/prune.ts', 'audit/actor.ts', 'db', 'ledger/fold-usage.ts', 'metering/price-card.ts', 'registry/cards.ts', 'reports'],
  reports: ['db', 'metering', 'ledger/books.ts', 'ledger/ledger.ts', 'registry/cards.ts', 'printable.ts'],
  alerts: ['db', 'reports', 'config.ts', LOG, 'program-files.ts'],
  metrics: ['listening-socket.ts', 'db/open.ts', 'ledger/ledger.ts', 'proxy/observer.ts', 'proxy/server.ts', 'reports/upstream-fault.ts', LOG],
  upstreams: ['config.ts', 'config/simulator-failures.ts', 'deadlines.ts'],
  proxy: ['listening-socket.ts', 'deadlines.ts', 'linger.ts', 'roster.ts', 'metering', 'upstreams/upstream.ts', 'ledger/ledger.ts', 'registry/registry.ts', 'config.ts', LOG],
  documents: ['audit/read-audit.ts', 'auth', 'ledger/ledger.ts', 'reports', 'registry', 'metering'],
  audit: ['db'],
  auth: ['audit', 'db', 'registry/visible-text.ts', LOG],
  actions: ['audit', 'auth', 'db', 'documents/iso-time.ts', 'ledger/direct.ts', 'ledger/ledger.ts', 'metering', 'registry'],
  api: ['actions', 'audit', 'auth', 'db', 'docs', 'documents', 'ledger/direct.ts', 'ledger/ledger.ts', 'ledger/serving-count.ts', 'ledger/verify.ts', 'metering', 'registry', 'reports', LOG, 'linger.ts', 'nearest.ts', 'program-files.ts'],
  docs: ['api/api-app.ts', 'api/api-plan.ts', 'api/open-api.ts', 'console/theme-switch.ts', 'metering', 'registry', 'db', 'program-files.ts'],
  console: ['api/schemas'],
  'nearest.ts': [],
  'upstream-pools.ts': ['config.ts', 'upstreams', 'proxy/deps.ts'],
  'gateway-metrics.ts': ['config.ts', 'metrics', 'proxy/deps.ts', 'proxy/host-guard.ts', 'proxy/server.ts'],
  handover: ['program-files.ts', LOG],
  'listening-socket.ts': [],
  'listeners.ts': ['config.ts', 'handover', 'proxy'],
  'gateway.ts': ['handover/given-sockets.ts', 'listeners.ts', 'alerts/open-alerts.ts', 'api/control-plane.ts', 'api/api-plan.ts', 'alerts/plan.ts', 'config.ts', 'deadlines.ts', 'metering/price-book.ts', 'metering/scan-memory.ts', 'upstream-pools.ts', 'ledger', 'registry', 'proxy', LOG, 'sum-usage.ts', 'gateway-metrics.ts', 'metrics/request-counters.ts'],
  'service-manager': [LOG],
  'sum-usage.ts': ['db/open.ts', 'reports/rebuild-usage.ts', 'reports/usage-state.ts', LOG],
  'demo.ts': ['actions', 'audit', 'auth', 'config.ts', 'db', 'metering', 'registry/keys.ts'],
  cli: ['config.ts', 'config', 'nearest.ts', 'printable.ts', 'actions', 'alerts', 'api/api-plan.ts', 'archive', 'audit', 'auth', 'db', 'documents', 'ledger', 'registry', 'reports', 'metering', 'gateway.ts', 'listeners.ts', 'handover', 'demo.ts', 'service-manager', 'tui', 'proxy/observer.ts', 'request-log', 'tracing', LOG, 'program-files.ts', 'backups', 'doctor'],
  tui: ['reports', 'printable.ts'],
  'main.ts': ['cli'],
  'packed-main.ts': ['cli/version.ts', 'packed-bundle.ts'],
  'packed-bundle.ts': [],
};

/** A concrete store or engine, and the only ones that may import it. */
const ONLY_IMPORTED_BY: Readonly<Record<string, RegExp>> = {
  'ledger/sqlite.ts': /^gateway\.ts$/,
  'registry/sqlite.ts': /^gateway\.ts$/,
  'better-sqlite3': /^db\/open\.ts$/,
  undici: /^upstreams\//,
  commander: /^cli\//,
  chalk: /^cli\//,
  ink: /^tui\//,
  react: /^(tui|console)\//,
  'string-width': /^tui\//,
  yaml: /^(config|cli)\//,
  zod: /^cli\//,
  'zod/mini': /^config\//,
  hono: /^(api|docs)\//,
  '@hono/zod-openapi': /^api\//,
  '@simplewebauthn/server': /^auth\//,
  otpauth: /^auth\//,
  '@zxcvbn-ts/core': /^auth\//,
  marked: /^docs\//,
  'react-dom/client': /^console\//,
  pino: /^log\.ts$/,
  '@opentelemetry/api': /^tracing\//,
  '@opentelemetry/sdk-trace': /^tracing\/worker\.ts$/,
  '@opentelemetry/exporter-trace-otlp-proto': /^tracing\/worker\.ts$/,
};

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []));
}

const relative = (file: string): string => path.relative(SRC, file).split(path.sep).join('/');
const zoneOf = (file: string): string => file.split('/')[0] as string;

/** What a file imports: paths below src/ for its own files, else the package's name. */
function importsOf(file: string): string[] {
  const text = fs.readFileSync(file, 'utf8');
  const found = [...text.matchAll(/^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)];
  return found.map((match) => (match[1] ?? match[2] ?? match[3]) as string).map((name) => (name.startsWith('.') ? relative(path.resolve(path.dirname(file), name)) : name));
}

const sources = filesBelow(SRC);
const imports = sources.map((file) => ({ file: relative(file), imported: importsOf(file) }));
const isOwn = (name: string): boolean => fs.existsSync(path.join(SRC, name)) && /\.tsx?$/.test(name);

function mayImport(file: string, name: string): boolean {
  const zone = zoneOf(file);
  if (VOCABULARY.includes(name)) return !VOCABULARY.includes(file);
  const folder = zone.endsWith('.ts') ? [] : [zone];
  return [...folder, ...(MAY_IMPORT[zone] ?? [])].some((allowed) => name === allowed || name.startsWith(`${allowed}/`));
}

/** Where the functions are that change what the audit log tells of. */
const WRITING_MODULES = ['registry/buyers.ts', 'registry/keys.ts', 'registry/try-keys.ts', 'registry/revoke-live-keys.ts', 'registry/routes.ts', 'registry/cards.ts', 'ledger/direct.ts'];

const texts = sources.map((file) => ({ file: relative(file), text: fs.readFileSync(file, 'utf8') }));
/** Those who must go through an action. */
const outsiders = texts.filter(({ file }) => !/^(actions|registry)\//.test(file));

/** The exported functions that run a statement or begin a transaction; of the direct ledger, the one that hands it out. */
function writingFunctions(module: string): string[] {
  const parts = fs.readFileSync(path.join(SRC, module), 'utf8').split(/^(?=(?:export )?(?:function|const|interface|type) )/m);
  const name = /^export function (\w+)/;
  if (module === 'ledger/direct.ts') return ['openDirectLedger'];
  return parts.filter((part) => name.test(part) && /\.immediate\(|\.run\(/.test(part)).map((part) => (name.exec(part) as RegExpExecArray)[1] as string);
}

/** What a file takes from the writing modules, by name; `*` for all of it. */
function namedImports(file: string, text: string): { from: string; names: string[] }[] {
  const statements = text.matchAll(/^\s*(?:import|export)\s+(?!type\b)(\{[^}]*\}|\*[^'"]*?)\s*from\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm);
  const found = [...statements].map(([, clause = '*', from, lazily]) => ({
    from: relative(path.resolve(SRC, path.dirname(file), (from ?? lazily) as string)),
    names: clause.startsWith('{') ? [...clause.matchAll(/(?:^\{|,)\s*(?!type\s)(\w+)/g)].map(([, name]) => name as string) : ['*'],
  }));
  return found.filter(({ from }) => WRITING_MODULES.includes(from));
}

describe('who may import whom', () => {
  test('the imports are found at all', () => {
    expect(imports.find(({ file }) => file === 'gateway.ts')?.imported).toContain('ledger/sqlite.ts');
    expect(imports.find(({ file }) => file === 'main.ts')?.imported).toEqual(['cli/version.ts', 'cli/context.ts', 'cli/program.ts']);
  });

  test('every file below src/ belongs to a folder that has a rule', () => {
    expect(imports.filter(({ file }) => MAY_IMPORT[zoneOf(file)] === undefined).map(({ file }) => file)).toEqual([]);
  });

  test('no file imports what its folder may not', () => {
    const broken = imports.flatMap(({ file, imported }) => imported.filter((name) => isOwn(name) && !mayImport(file, name)).map((name) => `${file} imports ${name}`));
    expect(broken).toEqual([]);
  });

  test('the vocabulary imports nothing, not even from Node or a package', () => {
    expect(imports.filter(({ file, imported }) => VOCABULARY.includes(file) && imported.length > 0)).toEqual([]);
  });

  test('concrete stores, engines and frameworks stay where they belong', () => {
    const strays = Object.entries(ONLY_IMPORTED_BY).flatMap(([name, allowed]) =>
      imports.filter(({ file, imported }) => imported.includes(name) && !allowed.test(file)).map(({ file }) => `${file} imports ${name}`),
    );
    expect(strays).toEqual([]);
  });

  test('only actions change buyers, keys, routes and balances, so that no change misses the audit log', () => {
    const writers = Object.fromEntries(WRITING_MODULES.map((name) => [name, writingFunctions(name)]));
    expect(writers).toMatchObject({ 'registry/keys.ts': ['insertKey', 'createKey', 'rotateKey', 'revokeKey'], 'ledger/direct.ts': ['openDirectLedger'] });
    const strays = outsiders.flatMap(({ file, text }) =>
      namedImports(file, text).flatMap(({ from, names }) => names.filter((name) => name === '*' || writers[from]?.includes(name)).map((name) => `${file} imports ${name} of ${from}`)),
    );
    expect(strays).toEqual([]);
  });

  test('the tables that the log tells of, and its own, are written by their own folders only', () => {
    const writes = (tables: string) => new RegExp(`\\b(?:INSERT(?:\\s+OR\\s+\\w+)?\\s+INTO|UPDATE|DELETE\\s+FROM)\\s+(?:${tables})\\b`);
    const strays = (tables: string, owners: RegExp) => texts.filter(({ file, text }) => !owners.test(file) && writes(tables).test(text)).map(({ file }) => file);
    expect(strays('buyers|keys|routes|route_buyers|price_cards', /^(registry|db)\//)).toEqual([]);
    expect(strays('accounts|transfers', /^(ledger|db)\//)).toEqual([]);
    expect(strays('audit', /^(audit|db)\//)).toEqual([]);
    expect(strays('requests', /^(ledger|actions|db)\//)).toEqual([]);
    expect(strays('prunes', /^(actions|db)\//)).toEqual([]);
  });

  test('every import of our own names a file that is there', () => {
    const lost = imports.flatMap(({ file, imported }) => imported.filter((name) => /\.tsx?$/.test(name) && !isOwn(name)).map((name) => `${file} imports ${name}`));
    expect(lost).toEqual([]);
  });
});

describe('files', () => {
  const all = [...sources, ...filesBelow(path.join(PROJECT, 'test')), ...filesBelow(path.join(PROJECT, 'scripts')), ...filesBelow(path.join(PROJECT, 'bin'))];
  const code = all.filter((file) => /\.[jt]sx?$/.test(file));

  test(`none is above ${LINES_MAX} lines`, () => {
    const long = code.map((file) => ({ file: path.relative(PROJECT, file), lines: fs.readFileSync(file, 'utf8').split('\n').length - 1 })).filter(({ lines }) => lines > LINES_MAX);
    expect(long).toEqual([]);
  });

  test('all have names in kebab-case that say what they are', () => {
    const names = code.flatMap((file) => path.relative(PROJECT, file).split(path.sep));
    expect([...new Set(names)].filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.[jt]sx?)?$/.test(name))).toEqual([]);
    expect(code.map((file) => path.relative(PROJECT, file)).filter((file) => /(^|\/)(utils?|common|helpers?|services?|types|misc|index)(\.tsx?|\/)/.test(file))).toEqual([]);
  });

  test('none leaves work for later', () => {
    const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
    expect(code.filter((file) => words.test(fs.readFileSync(file, 'utf8'))).map((file) => path.relative(PROJECT, file))).toEqual([]);
  });

  test('the sources have no `any` and no default export', () => {
    const oxlint = path.join(PROJECT, 'node_modules/.bin/oxlint');
    const rules = ['-A', 'all', '--import-plugin', '-D', 'typescript/no-explicit-any', '-D', 'import/no-default-export'];
    const { status, stdout, error } = spawnSync(oxlint, [...rules, '--format', 'unix', SRC], { encoding: 'utf8' });
    expect({ error, status }, stdout).toEqual({ error: undefined, status: 0 });
  });
});

test("the README's table names every error code", () => {
  const readme = path.join(PROJECT, 'README.md');
  const text = fs.existsSync(readme) ? fs.readFileSync(readme, 'utf8') : '';
  expect(Object.keys(ERRORS).filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});

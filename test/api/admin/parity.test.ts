/** What the API says is what the commands say, field by field. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AdminBuyer, AdminKey, AdminRequest, AdminRequestDetail, AdminUsageReport, Alert, AuditEntry, Verification } from '../../../src/api/schemas/admin.ts';
import { formatRequestId, type RequestId } from '../../../src/ids.ts';
import { CONFIG, openCliFolder, type CliFolder } from '../../cli/cli-run.ts';
import { AdminWorld } from './admin-world.ts';

let w: AdminWorld;
let cli: CliFolder;
beforeEach(() => {
  w = new AdminWorld();
  w.endMany(60);
  cli = openCliFolder(CONFIG.replace('./ainogap.db', w.api.deps.plan().database));
});
afterEach(() => {
  cli.remove();
  w.close();
});

type Json = Readonly<Record<string, unknown>>;

async function command<T = Json>(...argv: string[]): Promise<T> {
  const { code, out, err } = await cli.run([...argv, '--json'], { now: w.requests.now });
  if (code !== 0 && argv[0] !== 'verify') throw new Error(err);
  return JSON.parse(out) as T;
}

/** Of the API's document, the fields that the command's has. */
const shared = (document: object, like: Json): Json => Object.fromEntries(Object.entries(document).filter(([name]) => name in like));
const ids = (): string[] => (w.api.db.prepare('SELECT id FROM requests ORDER BY id DESC').pluck().safeIntegers().all() as RequestId[]).map(formatRequestId);

test.each(['buyer', 'key', 'route', 'model', 'day', 'hour'])('usage by %s', async (by) => {
  const said = await command<Json & { rows: readonly Json[]; total: Json }>('usage', '--by', by);
  const { rows, total, ...window } = await w.item<AdminUsageReport>(`/admin/usage?by=${by}`);
  expect(total).toEqual(said.total);
  expect(rows.map((row, i) => shared(row, said.rows[i] as Json))).toEqual(said.rows.map((row, i) => shared(row, rows[i] as Json)));
  expect(shared(window, said)).toMatchObject({ since: said['since'], until: said['until'], running: said['running'] });
  const ofOne = await w.item<AdminUsageReport>(`/admin/usage?by=${by}&buyerId=buyer_2`);
  expect(ofOne.total).toEqual((await command('usage', '--by', by, '--buyer', 'buyer 2'))['total']);
});

test('a usage window that is none is refused in words', async () => {
  for (const query of ['since=never', 'by=hour&since=2020-01-01', 'since=2026-11-21&until=2026-11-20', 'by=week']) expect((await w.refused('GET', `/admin/usage?${query}`)).slice(0, 2), query).toEqual([400, 'invalid_request']);
});

test('requests, by every filter and in pages', async () => {
  const { requests } = await command<{ requests: readonly Json[] }>('requests', '--limit', '1000');
  const all = (await w.pages<AdminRequest>('/admin/requests?limit=7')).flat();
  expect(all.map((request, i) => shared(request, requests[i] as Json))).toEqual(requests);
  expect(all.every(({ buyer, buyerId, attempts }) => buyer === buyerId.replace('_', ' ') && attempts === 1)).toBe(true);
  const where = async (query: string): Promise<readonly AdminRequest[]> => (await w.pages<AdminRequest>(`/admin/requests?${query}&limit=5`)).flat();
  w.api.db.exec("DROP TRIGGER requests_immutable; UPDATE requests SET upstream = 'spare' WHERE key_id = 4");
  const now = await w.items<AdminRequest>('/admin/requests?limit=200');
  for (const [query, fits] of [
    ['buyerId=buyer_2', ({ buyerId }) => buyerId === 'buyer_2'],
    ['keyId=key_3', ({ keyId }) => keyId === 'key_3'],
    ['route=cheap', ({ route }) => route === 'cheap'],
    ['model=claude-opus-4-7', ({ model }) => model === 'claude-opus-4-7'],
    ['status=upstream_error', ({ status }) => status === 'upstream_error'],
    ['upstream=spare', ({ upstream }) => upstream === 'spare'],
    ['since=2026-11-21T10:20', ({ startedAt }) => startedAt >= '2026-11-21T10:20'],
    ['until=2026-11-21T10:20&route=list', ({ startedAt, route }) => startedAt < '2026-11-21T10:20' && route === 'list'],
  ] as readonly [string, (request: AdminRequest) => boolean][]) {
    const wanted = now.filter(fits);
    expect(wanted.length, query).toBeGreaterThan(0);
    expect(await where(query), query).toEqual(wanted);
  }
});

test('one request: receipt, transfers and the operator’s story', async () => {
  w.api.db.exec("DROP TRIGGER requests_immutable; UPDATE requests SET detail = '{\"message\":\"10.0.0.7 is unreachable\"}' WHERE status = 'upstream_error'");
  for (const id of ids().slice(0, 12)) {
    const explained = await command<{ story: readonly { topic: string; text: string }[]; transfers: unknown; message: string | null }>('explain', id);
    const receipt = await command('receipt', id);
    const detail = await w.item<AdminRequestDetail>(`/admin/requests/${id}`);
    expect(detail.explanation.map(({ topic }) => topic)).toEqual(explained.story.map(({ topic }) => topic));
    expect(detail.transfers).toEqual(explained.transfers);
    expect(detail.message).toBe(explained.message);
    if (detail.receipt !== null) expect(detail.receipt).toEqual(shared(receipt, detail.receipt));
    else expect(receipt['receipt']).toBeNull();
    expect(shared(detail.request, receipt)).toEqual(shared(receipt, detail.request));
  }
  expect((await w.refused('GET', '/admin/requests/req_0000000000000'))[0]).toBe(404);
});

test('balances, keys and statements', async () => {
  const { balances } = await command<{ balances: readonly Json[] }>('balance');
  expect((await w.items<AdminBuyer>('/admin/buyers')).map(({ buyerId, name, balance }) => ({ buyerId, name, ...balance }))).toEqual(balances);
  const { keys } = await command<{ keys: readonly Json[] }>('key', 'list');
  expect((await w.items<AdminKey>('/admin/keys')).map((key, i) => shared(key, keys[i] as Json))).toEqual(keys);
  expect(await w.item('/admin/buyers/buyer_2/statements/2026-11')).toEqual(await command('statement', 'buyer 2'));
  expect(await w.items('/admin/buyers/buyer_2/statements')).toEqual([{ month: '2026-11', running: true }, { month: '2026-10', running: false }, { month: '2026-09', running: false }]);
  for (const [format, type] of [['csv', 'text/csv; charset=utf-8'], ['html', 'text/html; charset=utf-8']] as const) {
    const { text, headers } = await w.call('GET', `/admin/buyers/buyer_2/statements/2026-11?format=${format}`);
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([type, `attachment; filename="statement-2026-11.${format}"`]);
    expect(text).toBe((await cli.run(['statement', 'buyer 2', `--${format}`], { now: w.requests.now })).out);
  }
});

test('the audit log and alerts', async () => {
  await cli.run(['topup', 'buyer 1', '5'], { now: w.requests.now });
  await w.call('POST', '/admin/buyers/buyer_1/disable');
  expect(await w.items<AuditEntry>('/admin/audit')).toEqual((await command<{ audit: unknown }>('audit'))['audit']);
  const detail = JSON.stringify({ subjectName: 'buyer 1', figures: { balanceUsdMicros: 5 } });
  const fire = w.api.db.prepare("INSERT INTO alerts(rule, subject, message, detail, fired_at, cleared_at) VALUES ('low', ?, 'balance is low', ?, ?, ?)");
  for (const [subject, cleared] of [['buyer_1', null], ['buyer_2', 9]] as const) fire.run(subject, detail, 7, cleared);
  for (const all of [[], ['--all']]) expect(await w.items<Alert>(`/admin/alerts?all=${all.length > 0}`)).toEqual((await command<{ alerts: unknown }>('alerts', 'list', ...all))['alerts']);
  w.api.plan({ alertRules: [{ name: 'low', when: 'balance', words: 'below 5 USDC' }] });
  expect(await w.items('/admin/alert-rules')).toEqual([{ name: 'low', when: 'balance', words: 'below 5 USDC', firing: 1 }]);
});

test('verify', async () => {
  const { ok, ...found } = await command('verify');
  await w.call('POST', '/admin/verify');
  const told = await vi.waitFor(
    async () => {
      const now = await w.item<Verification>('/admin/verify');
      expect(now.state).not.toBe('running');
      return now;
    },
    { timeout: 20_000 },
  );
  expect([told.state === 'passed', shared(told, found)]).toEqual([ok, found]);
}, 30_000);

test('while usage is not summed yet, what needs sums says so, and all else is there', async () => {
  w.api.db.prepare('UPDATE usage_state SET complete = 0').run();
  for (const path of ['/admin/usage', '/admin/upstreams', '/admin/buyers', '/admin/buyers/buyer_1', '/admin/routes', '/admin/events', '/admin/buyers/buyer_1/statements/2026-11'])
    expect((await w.refused('GET', path)).slice(0, 2), path).toEqual([503, 'unavailable']);
  for (const path of ['/admin/keys', '/admin/requests', '/admin/ledger', '/admin/books', '/admin/audit', '/admin/settings']) expect((await w.call('GET', path)).status, path).toBe(200);
});

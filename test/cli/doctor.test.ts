import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as net from 'node:net';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/db/migrate.ts';
import { openAnySchema } from '../../src/db/open.ts';
import { createOldDatabase } from '../db/old-database.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

interface Found {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly next: string | null;
}

const SECRET = 'sk-ant-canary-0123456789abcdefghijklmnopqrstuvwxyz';
const config = (upstream = 'https://api.anthropic.com', more = ''): string =>
  `listen: 127.0.0.1:0\ndatabase: ./ainogap.db\nupstreams:\n  anthropic: { kind: anthropic, base_url: "${upstream}", credential: "file:./credential" }\n${more}`;

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder(config());
  cli.write('credential', `${SECRET}\n`);
});
afterEach(() => cli.remove());

/** With its exit code; nothing that is printed may hold the secret. */
async function doctor(...argv: string[]): Promise<{ code: number; ok: boolean; findings: Found[] }> {
  const { code, out, err } = await cli.run(['doctor', '--json', ...argv], { env: { CANARY: SECRET } });
  expect(out + err).not.toContain(SECRET);
  return { code, ...(JSON.parse(out) as { ok: boolean; findings: Found[] }) };
}
const offline = (): ReturnType<typeof doctor> => doctor('--offline');
const bad = (findings: readonly Found[]): Found[] => findings.filter(({ level }) => level !== 'ok');
async function expectFinding(level: 'problem' | 'warning', check: string, message: RegExp): Promise<void> {
  const { code, findings } = await offline();
  expect(findings).toContainEqual(expect.objectContaining({ level, check, message: expect.stringMatching(message), next: expect.any(String) }));
  expect(code).toBe(findings.some((finding) => finding.level === 'problem') ? 1 : 0);
}

describe('ainogap doctor', () => {
  it('finds nothing amiss in a new folder, and says what it looked at', async () => {
    const { code, ok, findings } = await offline();
    // A machine that tests run on may be short of space, of speed or of files.
    expect(bad(findings).filter(({ check }) => !['disk', 'disk speed', 'open files'].includes(check))).toEqual([]);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['config', 'secret of upstream anthropic', 'file modes', 'disk', 'disk speed', 'database', 'schema', 'holds', 'backup', 'serving', 'listen', 'open files', 'clock']),
    );
    expect(findings.find(({ check }) => check === 'disk speed')?.message).toMatch(/^an fsync of 4 kB takes \d+\.\d\d ms/);
    expect(fs.readdirSync(cli.folder).filter((name) => name.includes('doctor'))).toEqual([]);
  });

  it('writes a line for each finding, with the next command, and its verdict to stderr', async () => {
    fs.chmodSync(cli.database, 0o644);
    const piped = await cli.run(['doctor', '--offline']);
    expect(piped).toMatchObject({ code: 1, err: expect.stringMatching(/^error: 1 problem and \d warnings? were found\.\n$/) });
    expect(piped.out).toContain(`problem\tfile modes\t${path.join(cli.folder, 'ainogap.db')} can be read by other users of this machine\tchmod 600 `);
    const shown = await cli.run(['doctor', '--offline'], { terminal: 120, env: { NO_COLOR: '1' } });
    expect(shown.out).toMatch(/\nproblem {2}file modes +\/.*\n +chmod 600 \//);
  });

  it('says what to do where there is no configuration, and every mistake where it is wrong', async () => {
    fs.rmSync(path.join(cli.folder, 'config.yaml'));
    await expectFinding('problem', 'config', /there is no config\.yaml here/);
    cli.write('config.yaml', 'listen: nowhere:1:2\ndatabse: x\nupstreams: {}\n');
    const { findings } = await offline();
    expect(findings.filter(({ check, level }) => check === 'config' && level === 'problem').length).toBeGreaterThanOrEqual(2);
  });

  it('finds files that are open to others, and a secret that is not there', async () => {
    fs.chmodSync(path.join(cli.folder, 'credential'), 0o644);
    fs.chmodSync(path.join(cli.folder, 'config.yaml'), 0o666);
    fs.chmodSync(cli.folder, 0o777);
    await expectFinding('warning', 'secret of upstream anthropic', /can be read by other users/);
    await expectFinding('warning', 'config', /config\.yaml can be changed by other users/);
    await expectFinding('problem', 'file modes', /could replace the database/);
    fs.rmSync(path.join(cli.folder, 'credential'));
    await expectFinding('problem', 'secret of upstream anthropic', /the file .*credential cannot be read \(ENOENT\)/);
  });

  it('finds a database that is missing, empty, foreign, damaged, newer or older, and goes on', async () => {
    const alter = (sql: string): void => {
      const db = openAnySchema(cli.database, 'write');
      db.exec(sql);
      db.close();
    };
    alter(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    await expectFinding('problem', 'schema', /made by a newer ainogap/);
    alter('PRAGMA application_id = 7');
    await expectFinding('problem', 'database', /of another program/);
    fs.writeFileSync(cli.database, 'listen: 127.0.0.1:8787\n'.repeat(200));
    await expectFinding('problem', 'database', /cannot be read: file is not a database/);
    fs.rmSync(cli.database);
    await expectFinding('problem', 'database', /there is no database at/);
    createOldDatabase(cli.database, 3, 500);
    await expectFinding('warning', 'schema', new RegExp(`it is 3; the next start .* upgrades it to ${SCHEMA_VERSION}, .*nobody may serve it meanwhile`));
    fs.writeFileSync(cli.database, fs.readFileSync(cli.database).fill(0x5a, 3 * 4096, 9 * 4096));
    await expectFinding('problem', 'database', /it is damaged|cannot be read/);
  });

  it('tells holds that were left, how old the last backup is, and a ledger that is ahead of the clock', async () => {
    for (const line of ['buyer create acme', 'topup acme 5']) await cli.run(line.split(' '));
    await expectFinding('warning', 'backup', /none is on record/);
    await cli.run(['backup', 'copy.db']);
    expect((await offline()).findings).toContainEqual(expect.objectContaining({ check: 'backup', level: 'ok', message: expect.stringMatching(/was made \d s ago/) }));
    const db = openAnySchema(cli.database, 'write');
    db.exec(`UPDATE ledger_clock SET at = ${Date.now() + 3_600_000};
      INSERT INTO open_requests(id, instance, buyer_id, key_id, route_id, card_version, model, hold, worst_case, quote_basis, output_tokens_max, upstream, started_at)
      VALUES (1, 9, 1, 1, 1, 1, 'm', 5, 5, 'bytes', 1, 'anthropic', 0)`);
    db.close();
    await expectFinding('problem', 'clock', /60 min before the ledger's last entry/);
    await expectFinding('warning', 'holds', /1 hold is left by processes that are gone/);
  });

  it('finds a clock that cannot be right', async () => {
    const { code, out } = await cli.run(['doctor', '--offline', '--json'], { now: Date.UTC(1970, 0, 2) });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ check: 'clock', level: 'problem', message: expect.stringContaining('1970-01-02') })]) });
  });

  it('finds a port that another program has', async () => {
    const other = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    cli.write('config.yaml', config().replace('127.0.0.1:0', `127.0.0.1:${port}`));
    await expectFinding('problem', 'listen', new RegExp(`port ${port} is taken by another program`));
    other.close();
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  if (!hasOpenssl) console.warn('SKIPPED: openssl is not installed, so certificates are not tested');
  it.skipIf(!hasOpenssl)('finds a certificate that expires soon, and a key that is not its own', async () => {
    const file = (name: string): string => path.join(cli.folder, name);
    for (const name of ['a', 'b'])
      spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]);
    cli.write('config.yaml', config(undefined, 'tls: { cert: a.pem, key: a.key }\n'));
    await expectFinding('warning', 'tls', /the certificate expires in (2 days|48 h)/);
    cli.write('config.yaml', config(undefined, 'tls: { cert: a.pem, key: b.key }\n'));
    await expectFinding('problem', 'tls', /is not the key of the certificate/);
  });
});

describe('an upstream', () => {
  let server: http.Server;
  let seen: { url: string | undefined; key: string | string[] | undefined; body: string }[];
  let answer: (res: http.ServerResponse) => void;
  beforeEach(async () => {
    seen = [];
    server = http.createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => (body += chunk.toString()));
      req.on('end', () => {
        seen.push({ url: req.url, key: req.headers['x-api-key'], body });
        answer(res);
      });
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    cli.write('config.yaml', config(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  afterEach(() => void server.close());
  const found = async (): Promise<Found[]> => (await doctor()).findings.filter(({ check, message }) => check === 'upstream anthropic' || message.includes('upstream anthropic by'));

  it('is asked for one count_tokens and for nothing else', async () => {
    answer = (res) => void res.end('{"input_tokens":8}');
    expect(await found()).toMatchObject([{ level: 'ok', message: expect.stringMatching(/answers in \d+ ms and takes the credential/) }]);
    expect(seen).toEqual([{ url: '/v1/messages/count_tokens', key: SECRET, body: expect.stringContaining('"messages":[{"role":"user","content":"Hello"}]') }]);
    await offline();
    expect(seen).toHaveLength(1);
  });

  it.each([
    [401, 'problem', /refuses the credential \(401 authentication_error\)/],
    [302, 'problem', /redirects \(302\)/],
    [404, 'warning', /has no count_tokens for claude-/],
    [429, 'warning', /takes the credential and limits it/],
    [529, 'warning', /is reached and answers 529/],
    [200, 'warning', /something else than a count of tokens/],
  ] as const)('that answers %i is a finding of its own', async (status, level, message) => {
    // What it repeats of the request is not repeated here.
    answer = (res) => void res.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(JSON.stringify({ error: { type: 'authentication_error', message: SECRET } }));
    expect(await found()).toMatchObject([{ level, message: expect.stringMatching(message) }]);
  });

  it('that is gone, or has another time, is told', async () => {
    answer = (res) => void res.setHeader('date', new Date(Date.now() + 600_000).toUTCString()).end('{"input_tokens":8}');
    expect(await found()).toMatchObject([{ level: 'ok' }, { check: 'clock', level: 'warning', message: 'it runs behind the one of upstream anthropic by 10 min' }]);
    server.closeAllConnections();
    server.close();
    expect(await found()).toMatchObject([{ level: 'problem', message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/) }]);
  });
});

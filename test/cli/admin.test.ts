import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resumeAdminToken } from '../../src/auth/admin-tokens.ts';
import { acceptInvite, openInvite } from '../../src/auth/invites.ts';
import { resumeSession } from '../../src/auth/sessions.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { CONFIG, openCliFolder, type CliFolder } from './cli-run.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const BY = { kind: 'system', name: 'test', via: 'serve', address: null } as const;

let cli: CliFolder;
beforeEach(() => {
  cli = openCliFolder();
});
afterEach(() => cli.remove());

function withDb<T>(use: (db: Db) => T): T {
  const db = openDatabase(cli.database, { mode: 'write' });
  try {
    return use(db);
  } finally {
    db.close();
  }
}
const tokenOf = (link: string): string => link.trim().split('#')[1] ?? '';
const isOpen = (link: string, kind: 'buyer' | 'admin', now = NOW): boolean => withDb((db) => openInvite(db, { token: tokenOf(link), kind, now }) !== null);
/** Sets a password by the link; returns the first session's token. */
const accept = (link: string, kind: 'buyer' | 'admin'): string | undefined =>
  withDb((db) => acceptInvite(db, () => BY, { token: tokenOf(link), kind, hash: 'scrypt$1$1$1$AA$AA', session: { transport: 'cookie', address: null, userAgent: null, now: NOW, maxMs: DAY } }))?.session.token;
const stands = (token: string | undefined): boolean => withDb((db) => resumeSession(db, { token: token ?? '', now: NOW, idleMs: DAY }) !== null);
const works = (token: string, now = NOW): boolean => withDb((db) => resumeAdminToken(db, { token: token.trim(), now }) !== null);
const run = (...argv: string[]) => cli.run(argv, { now: NOW });

describe('ainogap buyer invite', () => {
  beforeEach(async () => {
    await run('buyer', 'create', 'acme');
  });

  it('puts the link alone on stdout, and the words beside it', async () => {
    const { code, out, err } = await run('buyer', 'invite', 'ACME');
    expect(code).toBe(0);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:8787\/console\/invite#iv_[\w-]{43}\n$/);
    expect(err).toBe(
      `Invitation for acme, good once until ${new Date(NOW + 3 * DAY).toISOString()}:\nThe link works while \`ainogap serve\` runs.\nIt lets in whoever has it first: send it to nobody else.\n`,
    );
    expect(isOpen(out, 'buyer')).toBe(true);
  });

  it('gives it as url in --json', async () => {
    const { code, out } = await run('buyer', 'invite', 'acme', '--json');
    const document = JSON.parse(out) as { url: string };
    expect(code).toBe(0);
    expect(document).toEqual({ kind: 'buyer', name: 'acme', url: document.url, expiresAt: new Date(NOW + 3 * DAY).toISOString(), reset: false });
    expect(isOpen(document.url, 'buyer')).toBe(true);
  });

  it('leads to the public URL, and lasts as long as the configuration says', async () => {
    cli.write('config.yaml', `${CONFIG}public_url: https://gateway.example.com\nconsole:\n  invite_expires: 1h\n`);
    const { out } = await run('buyer', 'invite', 'acme');
    expect(out).toMatch(/^https:\/\/gateway\.example\.com\/console\/invite#/);
    expect([isOpen(out, 'buyer', NOW + DAY / 24 - 1), isOpen(out, 'buyer', NOW + DAY / 24)]).toEqual([true, false]);
  });

  it('says when the console is off', async () => {
    cli.write('config.yaml', `${CONFIG}console:\n  enabled: false\n`);
    expect((await run('buyer', 'invite', 'acme')).err).toContain('! The console is off');
  });

  it('refuses one who has signed up, and with --reset ends the sessions and lets in again', async () => {
    const session = accept((await run('buyer', 'invite', 'acme')).out, 'buyer');
    const refused = await run('buyer', 'invite', 'acme');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('"acme" has signed up already');
    expect(refused.err).toContain('\n  ainogap buyer invite acme --reset\n');
    expect(stands(session)).toBe(true);
    const reset = await run('buyer', 'invite', 'acme', '--reset');
    expect(reset.err).toContain('New password link for acme');
    expect(stands(session)).toBe(false);
    expect(stands(accept(reset.out, 'buyer'))).toBe(true);
  });

  it('names the nearest buyer', async () => {
    expect(await run('buyer', 'invite', 'acm')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Did you mean "acme"?') as string });
  });
});

describe('ainogap admin', () => {
  it('invites, lists, disables and enables an operator', async () => {
    const link = (await run('admin', 'invite', 'eva')).out;
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:8787\/console\/admin\/invite#iv_/);
    expect(await cli.json('admin', 'list')).toMatchObject({ admins: [{ adminId: 'admin_1', name: 'eva', status: 'invited', totp: false, passkeys: 0, lastSignInAt: null }] });
    const session = accept(link, 'admin');
    expect(await cli.json('admin', 'list')).toMatchObject({ admins: [{ status: 'active', lastSignInAt: new Date(NOW).toISOString() }] });
    expect(await run('admin', 'disable', 'eva')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string });
    expect(stands(session)).toBe(true);
    expect((await run('admin', 'disable', 'EVA', '--yes')).out).toBe('Disabled admin eva.\n');
    expect(stands(session)).toBe(false);
    expect((await run('admin', 'disable', 'eva')).out).toContain('already');
    expect(await run('admin', 'invite', 'eva', '--reset')).toMatchObject({ code: 1, err: 'error: admin "eva" is disabled; enable it first.\n  ainogap admin enable eva\n' });
    expect(await cli.json('admin', 'enable', 'admin_1')).toMatchObject({ name: 'eva', status: 'active', changed: true });
    expect(await cli.json('admin', 'enable', 'eva')).toMatchObject({ changed: false });
  });

  it('warns of tokens that a disabled operator made', async () => {
    accept((await run('admin', 'invite', 'eva')).out, 'admin');
    await run('admin', 'token', 'create', 'ci');
    withDb((db) => db.prepare(`UPDATE admin_tokens SET made_by = 'Eva'`).run());
    expect((await run('admin', 'disable', 'eva', '--yes')).err).toBe('! Admin token ci, made by eva, still works.\n  ainogap admin token revoke token_1\n');
  });

  it.each([
    [['admin', 'disable', 'ev', '--yes'], 1, 'Did you mean "eva"?'],
    [['admin', 'enable', 'admin_9'], 1, 'admin "admin_9" not found'],
    [['admin', 'invite', ''], 2, "not an admin's name"],
    [['admin', 'invite', 'admin_3'], 2, 'looks like an id'],
    [['admin', 'invite'], 2, 'missing required argument'],
    [['admin', 'token', 'create', ''], 2, 'not a label'],
    [['admin', 'token', 'create', 'ci', '--expires-in', '90'], 2, '--expires-in takes hours, days or weeks'],
    [['admin', 'token', 'create', 'ci', '--expires-in', '0d'], 2, '--expires-in'],
    [['admin', 'token', 'create', 'ci', '--expires-in', '4000d'], 2, 'up to 3650d'],
    [['admin', 'token', 'revoke', 'token_9', '--yes'], 1, '"token_9" not found'],
    [['admin', 'token', 'revoke', 'nine', '--yes'], 2, 'an example: token_2'],
  ])('answers %j with exit %i and %j', async (argv, code, words) => {
    await run('admin', 'invite', 'eva');
    const result = await run(...argv);
    expect(result.err).toContain(words);
    expect(result).toMatchObject({ code, out: '' });
  });
});

describe('ainogap admin token', () => {
  it('puts the token alone on stdout, never shows it again, and revokes it', async () => {
    const { code, out, err } = await run('admin', 'token', 'create', 'ci', '--expires-in', '90d');
    expect(code).toBe(0);
    expect(out).toMatch(/^ainogap_admin_[\w-]{43}\n$/);
    expect(err).toContain(`Created admin token ci (token_1). It expires ${new Date(NOW + 90 * DAY).toISOString()}.`);
    expect([works(out), works(out, NOW + 90 * DAY)]).toEqual([true, false]);
    const lists = [await run('admin', 'token', 'list'), await run('admin', 'token', 'list', '--json'), await cli.run(['admin', 'token', 'list'], { terminal: 120, now: NOW })];
    for (const list of lists) {
      expect(list.out).toContain(`ainogap_admin_…${out.trim().slice(-4)}`);
      expect(list.out).not.toContain(out.trim().slice(14, 40));
    }
    expect(await run('admin', 'token', 'revoke', 'token_1')).toMatchObject({ code: 2 });
    expect(works(out)).toBe(true);
    expect((await run('admin', 'token', 'revoke', 'token_1', '--yes')).out).toContain('Revoked admin token ci (token_1');
    expect(works(out)).toBe(false);
    expect((await run('admin', 'token', 'revoke', 'token_1')).out).toContain('was revoked before');
  });

  it('gives it as adminToken in --json', async () => {
    const { out } = await run('admin', 'token', 'create', 'ci', '--json');
    const { adminToken, ...shown } = JSON.parse(out) as { adminToken: string };
    expect(works(adminToken)).toBe(true);
    expect(shown).toMatchObject({ tokenId: 'token_1', label: 'ci', status: 'live', expiresAt: null });
  });

  it('does not repeat a secret that was typed in the wrong place', async () => {
    const token = (await run('admin', 'token', 'create', 'ci')).out.trim();
    const link = tokenOf((await run('admin', 'invite', 'eva')).out);
    for (const secret of [token, link])
      for (const argv of [['admin', 'token', 'revoke', secret], ['admin', 'disable', secret, '--yes'], ['buyer', 'invite', secret], [secret]]) {
        const { code, out, err } = await run(...argv);
        expect(code).not.toBe(0);
        expect(out + err).not.toContain(secret);
      }
  });

  it('is in the audit log with who made it, and without itself', async () => {
    const token = (await run('admin', 'token', 'create', 'ci')).out.trim();
    const rows = withDb((db) => db.prepare('SELECT action, actor_kind, via, subject, after FROM audit').all());
    expect(rows).toEqual([{ action: 'token.create', actor_kind: 'cli', via: 'cli', subject: 'token_1', after: '{"label":"ci","expiresAt":null}' }]);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

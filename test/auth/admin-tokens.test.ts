import { beforeEach, describe, expect, it } from 'vitest';
import { adminTokenStatus, createAdminToken, listAdminTokens, maskAdminToken, parseTokenLabel, resumeAdminToken, revokeAdminToken } from '../../src/auth/admin-tokens.ts';
import { audited, CLI, everything, HOUR, NOW, openAuthDatabase, type AuthDatabase } from './auth-database.ts';

let auth: AuthDatabase;
beforeEach(() => {
  auth = openAuthDatabase();
});
const create = (expiresAt: number | null = null) => createAdminToken(auth.db, CLI, { label: 'ci', expiresAt, now: NOW });
const resume = (token: string, now = NOW) => resumeAdminToken(auth.db, { token, now });

describe('an admin token', () => {
  it('is found by its whole self and kept as a digest', () => {
    const { token, secret } = create();
    expect(secret).toMatch(/^ainogap_admin_[\w-]{43}$/);
    expect(resume(secret)).toEqual({ tokenId: token.tokenId, label: 'ci' });
    expect(resume(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
    expect(everything(auth.db)).not.toContain(secret.slice(14, 30));
    expect(maskAdminToken(token)).toBe(`ainogap_admin_…${secret.slice(-4)}`);
    expect(token).toMatchObject({ madeBy: 'ops', expiresAt: null, lastUsedAt: null });
  });

  it('expires', () => {
    const { token, secret } = create(NOW + HOUR);
    expect(resume(secret, NOW + HOUR - 1)).not.toBeNull();
    expect(resume(secret, NOW + HOUR)).toBeNull();
    expect(adminTokenStatus(token, NOW + HOUR)).toBe('expired');
  });

  it('is revoked once', () => {
    const { token, secret } = create();
    expect(revokeAdminToken(auth.db, CLI, { tokenId: token.tokenId, now: NOW })).toBe(true);
    expect(revokeAdminToken(auth.db, CLI, { tokenId: token.tokenId, now: NOW })).toBe(false);
    expect(resume(secret)).toBeNull();
    expect(audited(auth.db)).toEqual(['token.create', 'token.revoke']);
  });

  it('writes at most every five minutes that it is used', () => {
    const { secret } = create();
    const used = () => listAdminTokens(auth.db)[0]?.lastUsedAt;
    resume(secret);
    resume(secret, NOW + 299_999);
    expect(used()).toBe(NOW);
    resume(secret, NOW + 300_000);
    expect(used()).toBe(NOW + 300_000);
  });

  it.each(['', '\u0007', 'x'.repeat(65)])('has no label like %j', (label) => {
    expect(parseTokenLabel(label).ok).toBe(false);
  });
});

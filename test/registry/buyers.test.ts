import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBuyer, findBuyer, listBuyers, parseBuyerName, setBuyerDisabled } from '../../src/registry/buyers.ts';
import { makeBuyer, openScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = openScratch();
});
afterEach(() => scratch.remove());

describe('a buyer name', () => {
  it.each(['acme', 'Acme Inc.', 'Ångström', '日本', 'a'.repeat(64), '😀'.repeat(64), "O'Neill", '0'])('may be %j', (name) => {
    expect(parseBuyerName(name)).toEqual({ ok: true, name });
  });

  it.each([
    ['', '1 to 64'],
    ['   ', '1 to 64'],
    ['a'.repeat(65), '65'],
    ['a\nb', 'control'],
    ['a\u001b[31mb', 'control'],
    ['a\u202eb', 'invisible'],
    ['a\u200bb', 'invisible'],
    ['a,b', 'comma'],
    ['-x', 'option'],
    ['buyer_7', 'id'],
    ['BUYER_7', 'id'],
  ])('may not be %j', (name, word) => {
    const parsed = parseBuyerName(name);
    expect(parsed.ok ? '' : parsed.reason).toContain(word);
  });

  it('is trimmed and composed, so that what looks the same is the same', () => {
    expect(parseBuyerName(' Ame\u0301lie ')).toEqual({ ok: true, name: 'Amélie' });
  });
});

describe('buyers', () => {
  it('are unique whatever the case, beyond ASCII too', () => {
    makeBuyer(scratch.db, 'Ärzte');
    expect(createBuyer(scratch.db, 'äRZTE')).toMatchObject({ kind: 'exists', buyer: { name: 'Ärzte' } });
    expect(listBuyers(scratch.db)).toHaveLength(1);
  });

  it('are found by id, by name and by name in another case', () => {
    const id = makeBuyer(scratch.db, 'Ärzte');
    makeBuyer(scratch.db, 'other');
    for (const word of ['buyer_1', 'Ärzte', 'ärzte']) expect(findBuyer(scratch.db, word)?.id).toBe(id);
    for (const word of ['buyer_9', 'Arzte', '', '1', "' OR 1=1 --"]) expect(findBuyer(scratch.db, word)).toBeNull();
  });

  it('say whether disabling changed anything', () => {
    const id = makeBuyer(scratch.db, 'acme');
    expect(setBuyerDisabled(scratch.db, id, 123)).toBe(true);
    expect(setBuyerDisabled(scratch.db, id, 456)).toBe(false);
    expect(findBuyer(scratch.db, 'acme')?.disabledAt).toBe(123);
    expect(setBuyerDisabled(scratch.db, id, null)).toBe(true);
    expect(setBuyerDisabled(scratch.db, id, null)).toBe(false);
  });

  it('have an account of their own from the start', () => {
    const id = makeBuyer(scratch.db, 'acme');
    expect(scratch.db.prepare('SELECT count(*) FROM accounts WHERE id = ?').pluck().get(id)).toBe(1);
  });
});

/** What keys and results do to dialogs, without a terminal. */
import { describe, expect, it } from 'vitest';
import type { KeyId } from '../../src/ids.ts';
import { SNAPSHOT_AT } from '../support/live-snapshots.ts';
import { SECRET } from './fake-operator.ts';
import { look, press, send } from './looking.ts';

describe('topping up', () => {
  it('asks for the amount, then for a yes, and applies once however often Enter comes', () => {
    const at = press(look('buyers'), "t '12.5x0'");
    expect(at.state.dialog).toMatchObject({ kind: 'topUp', buyerId: 2, amount: '12.50', confirming: false });
    expect(press(at, 'enter').state.dialog).toMatchObject({ confirming: true });
    expect(at.effects).toEqual([]);
    expect(press(at, 'enter').effects).toEqual([{ kind: 'act', action: { kind: 'topUp', buyerId: 2, amount: 12_500_000n, reference: expect.stringMatching(/^top_r\d+$/) as string } }]);
    expect(press(at, 'enter').effects).toEqual([]);
    expect(press(at, 'enter y q escape').state.dialog).not.toBeNull();
    send(at, { kind: 'acted', outcome: { ok: true, text: 'done' } });
    expect(at.state).toMatchObject({ dialog: null, busy: false, notice: { kind: 'done', text: 'done' } });
    expect(press(at, 'down').state.notice).toBeNull();
  });

  it('keeps its reference when it is tried again after a failure, and makes another for the next dialog', () => {
    const at = press(look('buyers'), "t '1' enter enter");
    const [first] = at.effects;
    send(at, { kind: 'acted', outcome: { ok: false, text: 'the disk is full' } });
    expect(at.state.dialog).toMatchObject({ problem: 'the disk is full', confirming: false });
    expect(press(at, 'enter enter').effects).toEqual([first]);
    send(at, { kind: 'acted', outcome: { ok: true, text: 'done' } });
    expect(press(at, "t '1' enter enter").effects).not.toEqual([first]);
  });

  it.each([
    ['', 'type an amount'],
    ['0', 'above 0'],
    ['1.0000001', 'more than 6 decimals'],
    ['1.2.3', 'not an amount'],
  ])('does not take %j for an amount', (amount, why) => {
    const at = press(look('buyers'), 't');
    for (const key of amount) press(at, key);
    expect(press(at, 'enter').state.dialog).toMatchObject({ confirming: false, problem: expect.stringContaining(why) as string });
  });

  it('does not make another number of a pasted amount', () => {
    const at = press(look('buyers'), 't');
    send(at, { kind: 'paste', text: ' 1,5\n' });
    expect(at.state.dialog).toMatchObject({ amount: '1,5' });
    expect(press(at, 'enter').state.dialog).toMatchObject({ confirming: false, problem: expect.stringContaining('not an amount') as string });
    press(at, 'ctrl-u');
    send(at, { kind: 'paste', text: '100.25\n' });
    expect(press(at, 'enter enter').effects).toMatchObject([{ action: { amount: 100_250_000n } }]);
  });

  it('goes back to the amount, and out of the dialog, with Esc', () => {
    const at = press(look('buyers'), "t '5' enter escape backspace '7'");
    expect(at.state.dialog).toMatchObject({ amount: '7', confirming: false });
    expect(press(at, 'escape').state.dialog).toBeNull();
    expect(at.effects).toEqual([]);
  });
});

describe('keys and buyers', () => {
  it('a new key is in the state only while its dialog is open, which needs the tick', () => {
    const at = press(look('keys'), "/ 'laptop' backspace ctrl-u 'ci' enter r");
    expect(at.state.dialog).toMatchObject({ kind: 'rotateKey', keyId: 2, buyerName: 'acme' });
    expect(press(at, 'enter').effects).toEqual([{ kind: 'act', action: { kind: 'rotateKey', keyId: 2 } }]);
    send(at, { kind: 'rotated', outcome: { ok: true, keyId: 3 as KeyId, secret: SECRET, masked: 'rk_8fK2…1111', text: '' } });
    expect(at.state.dialog).toMatchObject({ kind: 'newKey', label: 'ci', secret: SECRET, stored: false, at: SNAPSHOT_AT });
    expect(press(at, 'enter escape q').state.dialog).not.toBeNull();
    expect(press(at, 'c').effects).toEqual([{ kind: 'copy', text: SECRET }]);
    expect(press(at, 'y enter').state.dialog).toBeNull();
    expect(JSON.stringify(at.state)).not.toContain(SECRET);
  });

  it('a new key is not lost by one Ctrl-C, which many take for "copy"', () => {
    const at = press(look('keys'), 'r enter');
    expect(press(at, 'ctrl-c').effects).toEqual([]);
    send(at, { kind: 'rotated', outcome: { ok: true, keyId: 3 as KeyId, secret: SECRET, masked: 'rk_8fK2…1111', text: '' } });
    expect(press(at, 'c ctrl-c')).toMatchObject({ effects: [], state: { dialog: { kind: 'newKey' }, notice: { text: expect.stringContaining('shown only once') as string } } });
    expect(press(at, 'ctrl-c').effects).toEqual([{ kind: 'quit' }]);
    expect(press(at, 'y ctrl-c').effects).toEqual([{ kind: 'quit' }]);
  });

  it('says that a new key was copied, without repeating it', () => {
    const at = press(look('keys'), 'r enter');
    send(at, { kind: 'rotated', outcome: { ok: true, keyId: 3 as KeyId, secret: SECRET, masked: 'rk_8fK2…1111', text: '' } });
    expect(press(at, 'c').state.notice?.text).toMatch(/^Copied the new key(?!.*rk_)/);
  });

  it('puts the cursor on the new key', () => {
    const at = press(look('keys'), 'r enter');
    send(at, { kind: 'rotated', outcome: { ok: true, keyId: 3 as KeyId, secret: SECRET, masked: 'rk_8fK2…1111', text: '' } });
    expect(at.state.lists.keys.cursorId).toBe('key_3');
  });

  it('refuses to rotate or revoke a key that is revoked, and says so', () => {
    for (const key of ['r', 'v']) expect(press(look('keys'), `/ 'laptop' enter ${key}`).state).toMatchObject({ dialog: null, notice: { kind: 'problem' } });
  });

  it('revokes after a yes, and not after a no', () => {
    const at = press(look('keys'), "/ 'agents' enter v");
    expect(at.state.dialog).toMatchObject({ kind: 'revokeKey', keyId: 5 as KeyId });
    expect(press(at, 'x').state.dialog).not.toBeNull();
    expect(press(at, 'n')).toMatchObject({ effects: [], state: { dialog: null } });
    expect(press(at, 'v y').effects).toEqual([{ kind: 'act', action: { kind: 'revokeKey', keyId: 5 } }]);
  });

  it('disables a buyer that is enabled and enables one that is not, also from its own view', () => {
    const at = press(look('buyers'), 'enter d');
    expect(at.state.dialog).toMatchObject({ kind: 'disableBuyer', buyerId: 2 });
    expect(press(at, 'enter').effects).toEqual([{ kind: 'act', action: { kind: 'setBuyerDisabled', buyerId: 2, disabled: true } }]);
    send(at, { kind: 'acted', outcome: { ok: true, text: 'Disabled buyer orbit.' } });
    at.snapshot = { ...at.snapshot, buyers: at.snapshot.buyers.map((buyer) => ({ ...buyer, disabled: true })) };
    expect(press(at, 'd enter').effects).toEqual([{ kind: 'act', action: { kind: 'setBuyerDisabled', buyerId: 2, disabled: false } }]);
  });
});

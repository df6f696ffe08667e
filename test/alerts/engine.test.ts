import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOW, openAlertWorld, type AlertWorld } from './alert-world.ts';
import { openReceiver, silence, status } from './receiver.ts';

let world: AlertWorld;
beforeEach(async () => {
  world = await openAlertWorld();
});
afterEach(() => world.close());

const HOUR = 3_600_000;
const events = (): string[] => world.receiver.received.map(({ call }) => call.event);
const callsOf = (index = 0) => world.alerts()[index]?.calls ?? [];
const logged = (event: string) => world.log.filter((line) => line.event === event);

describe('an alert', () => {
  it('fires once until it clears, and then may fire again', async () => {
    world.engine(world.plan());
    world.balance(8.2);
    await world.receiver.calls(1);
    world.balance(8.1);
    world.balance(20);
    await world.receiver.calls(2);
    world.balance(3);
    await world.receiver.calls(3);
    expect(events()).toEqual(['alert.fired', 'alert.cleared', 'alert.fired']);
    expect(world.alerts().map(({ message, clearedAt }) => [message, clearedAt === null])).toEqual([
      ['the balance of 3.00 USDC is below 10.00', true],
      ['the balance of 8.20 USDC is below 10.00', false],
    ]);
    expect(logged('alert_fired')).toMatchObject([
      { level: 'warn', rule: 'low', subject: 'buyer_1', name: 'acme', message: 'the balance of 8.20 USDC is below 10.00' },
      { level: 'warn', message: 'the balance of 3.00 USDC is below 10.00' },
    ]);
    expect(logged('alert_cleared')).toMatchObject([{ level: 'info', rule: 'low', subject: 'buyer_1' }]);
  });

  it('is sent as a signed document that says it all', async () => {
    world.engine(world.plan());
    world.balance(8.2);
    await world.receiver.calls(1);
    world.balance(20);
    const [fired, cleared] = await world.receiver.calls(2);
    const alert = world.alerts()[0];
    const firedAt = new Date(alert?.firedAt as number).toISOString();
    expect(fired).toMatchObject({ method: 'POST', path: '/hook?team=7', signed: true });
    expect(fired?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'ainogap',
      'x-ainogap-event': 'alert.fired',
      'x-ainogap-delivery': fired?.call.id,
      'x-ainogap-timestamp': expect.stringMatching(/^\d{10}$/) as string,
      'x-ainogap-signature': expect.stringMatching(/^v1=[0-9a-f]{64}$/) as string,
    });
    expect(fired?.call).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      event: 'alert.fired',
      createdAt: firedAt,
      text: 'low: acme: the balance of 8.20 USDC is below 10.00',
      alert: {
        id: 'alert_1',
        rule: 'low',
        when: 'balance_below',
        subject: 'buyer_1',
        subjectName: 'acme',
        message: 'the balance of 8.20 USDC is below 10.00',
        detail: { balanceUsdMicros: 8_200_000, availableUsdMicros: 8_200_000, limitUsdMicros: 10_000_000 },
        firedAt,
        clearedAt: null,
      },
    });
    expect(cleared).toMatchObject({ signed: true, call: { event: 'alert.cleared', alert: { id: 'alert_1', clearedAt: new Date(alert?.clearedAt as number).toISOString() } } });
    expect(cleared?.call.id).not.toBe(fired?.call.id);
  });

  it('does not fire again after a restart', async () => {
    const first = world.engine(world.plan());
    world.balance(1);
    await world.receiver.calls(1);
    await first.stop();
    const second = world.engine(world.plan());
    world.balance(20);
    await world.receiver.calls(2);
    expect(events()).toEqual(['alert.fired', 'alert.cleared']);
    await second.stop();
  });

  it('fires once however many engines look, and each call is made once', async () => {
    const other = await openReceiver();
    for (let i = 0; i < 4; i++) world.engine(world.plan(other));
    for (let round = 1; round <= 5; round++) {
      world.balance(1);
      await Promise.all([world.receiver.calls(2 * round - 1), other.calls(2 * round - 1)]);
      world.balance(20);
      await Promise.all([world.receiver.calls(2 * round), other.calls(2 * round)]);
    }
    await world.until(() => world.alerts().every(({ calls }) => calls.every(({ state }) => state === 'delivered')));
    for (const { received } of [world.receiver, other]) {
      expect(received.map(({ call }) => call.event)).toEqual(Array.from({ length: 5 }, () => ['alert.fired', 'alert.cleared']).flat());
      expect(new Set(received.map(({ call }) => call.id)).size).toBe(10);
    }
    expect(world.alerts()).toHaveLength(5);
    expect(logged('alert_fired')).toHaveLength(5);
    await other.close();
  });

  it('of a rule that is gone clears, and nobody is called', async () => {
    const engine = world.engine(world.plan());
    world.balance(1);
    await world.receiver.calls(1);
    engine.change({ ...world.plan(), rules: [{ ...LOW, name: 'other' }] });
    await world.receiver.calls(2);
    expect(world.alerts().map(({ rule, clearedAt }) => [rule, clearedAt === null])).toEqual([
      ['other', true],
      ['low', false],
    ]);
    expect(world.receiver.received.map(({ call }) => [call.event, call.alert.rule])).toEqual([
      ['alert.fired', 'low'],
      ['alert.fired', 'other'],
    ]);
  });

  it('without webhooks goes to the log', async () => {
    world.engine({ ...world.plan(), webhooks: [] });
    world.balance(1);
    await world.until(() => logged('alert_fired').length > 0);
    expect(world.alerts()).toMatchObject([{ calls: [] }]);
  });
});

describe('a call', () => {
  it('that is answered with an error is made again, with the same id and body and a new timestamp', async () => {
    world.receiver.answer(status(500), status(503), status(204));
    world.engine(world.plan());
    world.balance(1);
    for (const failures of [1, 2]) {
      await world.until(() => logged('webhook_failed').length === failures);
      world.later(60_000);
    }
    const received = await world.receiver.calls(3);
    await world.until(() => callsOf()[0]?.state === 'delivered');
    expect(new Set(received.map(({ call }) => call.id)).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received.every(({ signed }) => signed)).toBe(true);
    const times = received.map(({ headers }) => Number(headers['x-ainogap-timestamp']));
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(60);
    expect((times[2] as number) - (times[1] as number)).toBeGreaterThanOrEqual(60);
    expect(logged('webhook_failed')).toMatchObject([
      { level: 'warn', webhook: 'ops', attempt: 1, reason: 'HTTP 500' },
      { attempt: 2, reason: 'HTTP 503' },
    ]);
    expect(callsOf()).toMatchObject([{ state: 'delivered', attempts: 3, lastError: null }]);
  });

  it.each([
    ['a receiver that says nothing', silence, 'no answer within 0.05 s'],
    ['a redirect, which is not followed', status(302, { location: '/elsewhere' }), 'HTTP 302: redirects are not followed'],
    ['a connection that breaks', ((res) => res.destroy()) as typeof silence, 'ECONNRESET'],
  ])('fails by %s', async (_, answer, reason) => {
    world.receiver.answer(answer);
    world.engine(world.plan(), { timeoutMs: 50 });
    world.balance(1);
    await world.until(() => logged('webhook_failed').length > 0);
    expect(logged('webhook_failed')[0]).toMatchObject({ reason });
    expect(world.receiver.received.map(({ path }) => path)).toEqual(['/hook?team=7']);
    expect(callsOf()).toMatchObject([{ state: 'waiting', lastError: reason }]);
  });

  it('counts as delivered by its status alone, however long the answer goes on', async () => {
    world.receiver.answer((res) => {
      res.writeHead(200);
      const more = (): void => {
        if (!res.destroyed) res.write('x'.repeat(20_000), () => setImmediate(more));
      };
      more();
    });
    world.engine(world.plan());
    world.balance(1);
    await world.until(() => callsOf()[0]?.state === 'delivered');
  });

  it('is given up after a day of failures', async () => {
    world.receiver.answer(status(500));
    world.engine(world.plan());
    world.balance(1);
    await world.until(() => logged('webhook_failed').length === 1);
    world.later(23 * HOUR);
    await world.until(() => logged('webhook_failed').length === 2);
    expect(logged('webhook_given_up')).toEqual([]);
    world.later(2 * HOUR);
    await world.until(() => callsOf()[0]?.state === 'given up');
    expect(logged('webhook_given_up')).toMatchObject([{ level: 'error', webhook: 'ops', attempt: 3, reason: 'HTTP 500' }]);
    world.later(48 * HOUR);
    world.balance(20);
    await world.until(() => callsOf()[1]?.lastError != null);
    expect(events()).toEqual(['alert.fired', 'alert.fired', 'alert.fired', 'alert.cleared']);
  });

  it('is given up at once when the receiver says that it is gone', async () => {
    world.receiver.answer(status(410));
    world.engine(world.plan());
    world.balance(1);
    await world.until(() => callsOf()[0]?.state === 'given up');
    expect(callsOf()).toMatchObject([{ attempts: 1, lastError: 'HTTP 410' }]);
  });

  it('that an alert cleared waits until the one that it fired has been taken', async () => {
    world.receiver.answer(status(500));
    world.engine(world.plan());
    world.balance(1);
    await world.until(() => logged('webhook_failed').length === 1);
    world.balance(20);
    await world.until(() => callsOf().length === 2);
    world.receiver.answer(status(200));
    world.later(60_000);
    await world.receiver.calls(3);
    expect(events()).toEqual(['alert.fired', 'alert.fired', 'alert.cleared']);
  });

  it('to a webhook that is no longer configured is given up', async () => {
    world.receiver.answer(status(500));
    const engine = world.engine(world.plan());
    world.balance(1);
    await world.until(() => callsOf()[0]?.lastError === 'HTTP 500');
    engine.change({ ...world.plan(), rules: [LOW], webhooks: [] });
    await world.until(() => callsOf()[0]?.state === 'given up');
    expect(callsOf()[0]?.lastError).toBe('the webhook is no longer configured');
    expect(world.alerts()[0]?.clearedAt).toBeNull();
  });

  it('that does not end does not hold up alerts, other webhooks, or the end', async () => {
    const other = await openReceiver();
    world.receiver.answer(silence);
    const engine = world.engine(world.plan(other));
    world.balance(1);
    await Promise.all([world.receiver.calls(1), other.calls(1)]);
    world.balance(20);
    await world.until(() => logged('alert_cleared').length > 0);
    await engine.stop();
    expect(callsOf()).toMatchObject([{ webhook: 'ops', state: 'waiting', attempts: 0 }, { webhook: 'ops2', state: 'delivered' }, {}, {}]);
    await other.close();
  });

  it('is forgotten a month after it was delivered, its alert is not', async () => {
    const first = world.engine(world.plan());
    world.balance(1);
    await world.until(() => callsOf()[0]?.state === 'delivered');
    await first.stop();
    world.later(31 * 24 * HOUR);
    world.engine(world.plan());
    await world.until(() => callsOf().length === 0);
    expect(world.alerts()).toHaveLength(1);
  });

  it('takes an alert with it that cleared more than a year ago; one that fires stays', async () => {
    const first = world.engine(world.plan());
    world.balance(1);
    await world.until(() => callsOf()[0]?.state === 'delivered');
    world.balance(100);
    await world.until(() => callsOf()[1]?.state === 'delivered');
    world.balance(1);
    await world.until(() => world.alerts().length === 2);
    await first.stop();
    world.later(367 * 24 * HOUR);
    world.engine(world.plan());
    await world.until(() => world.alerts().length === 1);
    expect(world.alerts()).toMatchObject([{ clearedAt: null }]);
  });
});

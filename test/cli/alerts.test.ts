import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRules } from '../../src/alerts/check-rules.ts';
import { createOutbox } from '../../src/alerts/outbox.ts';
import type { AlertRule } from '../../src/config.ts';
import { openDatabase } from '../../src/db/open.ts';
import { micro } from '../../src/money.ts';
import { openReceiver, SECRET, status, type Receiver } from '../alerts/receiver.ts';
import { CONFIG, openCliFolder, type CliFolder } from './cli-run.ts';

const env = { HOOK: SECRET };
const RULE: AlertRule = { name: 'low', when: 'balance_below', amount: micro(10_000_000), buyers: null };
const AT = Date.UTC(2026, 10, 23, 12);

let cli: CliFolder;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await openReceiver();
  cli = openCliFolder(`${CONFIG}alerts:
  rules:
    - { name: low, when: balance_below, amount: 10, buyers: [acme, nobody] }
    - { when: shortfall }
  webhooks:
    - { name: ops, url: "${receiver.url}", secret: env:HOOK }
    - { name: gone, url: "http://127.0.0.1:1/secret-path", secret: env:HOOK }
`);
  for (const args of ['buyer create acme', 'topup acme 8.2']) await cli.run(args.split(' '));
});
afterEach(async () => {
  cli.remove();
  await receiver.close();
});

describe('alerts list', () => {
  /** Fires, tells `ops` of it, fails at `gone`. */
  function fire(): void {
    const db = openDatabase(cli.database, { mode: 'write' });
    checkRules(db, { rules: [RULE], webhooks: ['ops', 'gone'], now: AT });
    const outbox = createOutbox(db, () => 0);
    const ops = outbox.claim('ops', { now: AT, leaseMs: 1 });
    if (ops) outbox.delivered(ops, AT + 20);
    const gone = outbox.claim('gone', { now: AT, leaseMs: 1 });
    if (gone) outbox.failed(gone, { now: AT + 20, error: 'ECONNREFUSED', final: false });
    db.close();
  }
  function clear(): void {
    const db = openDatabase(cli.database, { mode: 'write' });
    checkRules(db, { rules: [{ ...RULE, amount: micro(1) } as AlertRule], webhooks: [], now: AT + 60_000 });
    db.close();
  }

  it('shows what fires, with what became of its calls', async () => {
    fire();
    const { code, out } = await cli.run(['alerts', 'list'], { terminal: 160 });
    expect(code).toBe(0);
    expect(out).toContain('fired UTC');
    expect(out).toMatch(/11-23 12:00:00 +low +acme +the balance of 8\.20 USDC is below 10\.00 +ops delivered, gone waiting \(1 try: ECONNREFUSED\)\n/);
    const narrow = await cli.run(['alerts', 'list'], { terminal: 60, env: { NO_COLOR: '1' } });
    expect(Math.max(...narrow.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    const piped = await cli.run(['alerts', 'list']);
    expect(piped.out.split('\n')[0]).toBe('firedAt\trule\tsubject\tmessage\twebhooks');
    expect(piped.out.split('\n')[1]?.split('\t').slice(0, 3)).toEqual(['2026-11-23T12:00:00.000Z', 'low', 'buyer_1']);
  });

  it('leaves out what cleared, unless asked for all', async () => {
    fire();
    clear();
    expect(await cli.json('alerts', 'list')).toEqual({ alerts: [] });
    expect(await cli.run(['alerts', 'list'])).toMatchObject({ code: 0, err: 'Nothing fires.\n' });
    expect(await cli.json('alerts', 'list', '--all')).toEqual({
      alerts: [
        {
          alertId: 'alert_1',
          rule: 'low',
          subject: 'buyer_1',
          subjectName: 'acme',
          message: 'the balance of 8.20 USDC is below 10.00',
          detail: { balanceUsdMicros: 8_200_000, availableUsdMicros: 8_200_000, limitUsdMicros: 10_000_000 },
          firing: false,
          firedAt: '2026-11-23T12:00:00.000Z',
          clearedAt: '2026-11-23T12:01:00.000Z',
          calls: [
            { deliveryId: expect.any(String) as string, webhook: 'ops', event: 'alert.fired', state: 'delivered', attempts: 1, at: '2026-11-23T12:00:00.020Z', lastError: null },
            { deliveryId: expect.any(String) as string, webhook: 'gone', event: 'alert.fired', state: 'waiting', attempts: 1, at: '2026-11-23T12:00:05.020Z', lastError: 'ECONNREFUSED' },
          ],
        },
      ],
    });
    const { out } = await cli.run(['alerts', 'list', '--all'], { terminal: 160 });
    expect(out).toMatch(/11-23 12:00:00 +11-23 12:01:00 +low/);
  });

  it('says so when there are no rules', async () => {
    cli.write('config.yaml', CONFIG);
    expect((await cli.run(['alerts', 'list'])).err).toContain('No rules are configured');
  });
});

describe('alerts test', () => {
  it('sends a signed call to the named webhook, prints its answer, and says which rules would fire', async () => {
    const { code, out, err } = await cli.run(['alerts', 'test', 'ops'], { env });
    expect({ code, err }).toEqual({
      code: 0,
      err: '! low: would fire for acme: the balance of 8.20 USDC is below 10.00\n! low: there is no buyer nobody\nshortfall: would not fire\n',
    });
    expect(out).toMatch(/^webhook\thost\tstatus\tms\tanswer\nops\t127\.0\.0\.1:\d+\t200\t\d+\ttaken\n$/);
    expect(receiver.received).toMatchObject([{ signed: true, headers: { 'x-ainogap-event': 'alert.test' }, call: { event: 'alert.test', alert: { id: 'alert_test', rule: 'test' } } }]);
  });

  it('exits with 1 when one of them fails, and tells no path and no secret', async () => {
    receiver.answer(status(500));
    const { code, out, err } = await cli.run(['alerts', 'test', '--json'], { env });
    expect(code).toBe(1);
    expect(err).toContain('the webhooks ops, gone did not take the call');
    expect(JSON.parse(out)).toMatchObject({
      calls: [
        { webhook: 'ops', delivered: false, status: 500, error: 'HTTP 500' },
        { webhook: 'gone', host: '127.0.0.1:1', delivered: false, status: null, error: 'ECONNREFUSED' },
      ],
      rules: [
        { rule: 'low', when: 'balance_below', fires: true, subjects: [{ subject: 'buyer_1', subjectName: 'acme' }], unknownBuyers: ['nobody'] },
        { rule: 'shortfall', fires: false, subjects: [] },
      ],
    });
    expect(out + err).not.toContain(SECRET);
    expect(out + err).not.toContain('secret-path');
  });

  it('changes nothing', async () => {
    await cli.run(['alerts', 'test'], { env });
    expect(await cli.json('alerts', 'list', '--all')).toEqual({ alerts: [] });
  });

  it('names the webhooks that there are, and the secret that is not there', async () => {
    expect(await cli.run(['alerts', 'test', 'op'], { env })).toMatchObject({ code: 1, err: expect.stringContaining('there is no webhook "op" in the configuration. Did you mean "ops"? It has ops, gone.') as string });
    expect(await cli.run(['alerts', 'test', 'ops'])).toMatchObject({ code: 1, err: expect.stringContaining('the secret of the webhook ops: the environment variable HOOK is not set') as string });
    cli.write('config.yaml', CONFIG);
    expect(await cli.run(['alerts', 'test'])).toMatchObject({ code: 0, err: 'No webhooks are configured: alerts go to the log alone.\nNo rules are configured, so nothing fires.\n' });
  });
});

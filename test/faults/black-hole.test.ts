/** An upstream whose machine takes no connection: it neither refuses nor answers, like behind a firewall that drops packets. */
import { spawn } from 'node:child_process';
import * as net from 'node:net';
import { expect, it } from 'vitest';
import { call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway } from '../support/gateway-in-process.ts';
import { withBaseUrl } from '../support/test-config.ts';

/** A stopped process that listens, its queue of connections full. */
async function openBlackHole(): Promise<{ origin: string; close: () => void }> {
  const program = "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(String(await new Promise((resolve) => child.stdout.once('data', resolve))));
  child.kill('SIGSTOP');
  const queued = Array.from({ length: 8 }, () => net.connect({ port, host: '127.0.0.1' }).on('error', () => undefined));
  await new Promise<void>((resolve) => void queued[0]?.once('connect', () => resolve()));
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

it('an upstream that takes no connection is a 502 after the time for connecting, tried twice, with nothing charged or exposed', async () => {
  const hole = await openBlackHole();
  const gateway = await openTestGateway({ upstreamLimits: { connectTimeoutMs: 300 } });
  try {
    await gateway.gateway.reload(withBaseUrl(gateway.config, 'gone', hole.origin));
    const buyer = gateway.buyer();
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'gone', body: requestBody() });
    expect(answer.status).toBe(502);
    expect(errorOf(answer).message).toContain('could not be reached');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'failed', error_code: 'upstream_unreachable', attempts: 2, charge: 0 });
    expect(String(row?.['flags'])).not.toContain('exposure');
    expect(JSON.stringify(row)).toMatch(/[Cc]onnect [Tt]imeout/);
    await gateway.checkInvariants();
  } finally {
    await gateway.close();
    hole.close();
  }
});

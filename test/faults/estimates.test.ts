/** What is charged when the final usage never comes, by the living process and by recovery for a dead one. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CardVersion, RequestId } from '../../src/ids.ts';
import { findDeadInstances } from '../../src/ledger/instances.ts';
import type { Ledger, OpenRequest, Settlement } from '../../src/ledger/ledger.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { recomputeReceipt } from '../../src/metering/receipt.ts';
import { NO_OBSERVER } from '../../src/proxy/observer.ts';
import { recover } from '../../src/proxy/recover.ts';
import { readCard } from '../../src/registry/cards.ts';
import { changeRoute } from '../../src/registry/routes.ts';
import { readReceipt } from '../../src/reports/receipt.ts';
import { Call, requestBody } from '../support/client-call.ts';
import { aliasOf, openTestGateway, type RequestRow, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { blockStart, event, messageStart, MODEL, textDelta } from '../support/message-stream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway({ config: { drain: { ms: 20, concurrent: 64 } } })));
afterEach(async () => {
  changeRoute(gateway.db, aliasOf('main'), () => ({ holdOutputTokens: null }));
  await gateway.checkInvariants();
});
afterAll(() => gateway.close());

/** Streams `events` and then stalls; the client reads them all and leaves. What `meanwhile` gives is had before that. */
async function leftAfter<T>(events: readonly string[], body: Record<string, unknown>, meanwhile?: () => T): Promise<{ row: RequestRow; seen: T | undefined }> {
  buyer = gateway.buyer('100');
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    for (const piece of events) await peer.write(piece);
    await peer.write(': the end\n\n');
    await peer.whenClosed();
  });
  const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody(body) });
  await running.until(': the end');
  const progress = gateway.db.prepare('SELECT progress_at FROM open_requests').pluck();
  await expect.poll(() => progress.get()).toBeTypeOf('number');
  const seen = meanwhile?.();
  running.leave();
  const [row] = await gateway.rows(buyer);
  return { row: row as RequestRow, seen };
}

const differences = (): readonly string[] => {
  const id = gateway.db.prepare('SELECT id FROM requests WHERE buyer_id = ?').pluck().safeIntegers().get(buyer.id) as RequestId;
  const receipt = readReceipt(gateway.db, id);
  if (receipt.kind !== 'receipt') throw new Error(receipt.kind);
  return recomputeReceipt(receipt.document).differences;
};

describe('an estimate', () => {
  it('may take more than a hold that the route keeps small, up to the worst case', async () => {
    changeRoute(gateway.db, aliasOf('main'), () => ({ holdOutputTokens: 100 }));
    const { row } = await leftAfter([messageStart(), blockStart(), ...Array.from({ length: 20 }, () => textDelta('x'.repeat(9000)))], { max_tokens: 64_000 });
    expect(row).toMatchObject({ usage_source: 'estimated', output_tokens: 60_000, charge: 300_010, flags: null, shortfall: 0 });
    expect(row['hold']).toBeLessThan(10_000);
    expect(differences()).toEqual([]);
  });

  it('counts thinking that was not shown', async () => {
    const { row } = await leftAfter(
      [
        messageStart(),
        event({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
        event({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: '', estimated_tokens: 30_000 } }),
        event({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'A'.repeat(120_000) } }),
        textDelta('x'.repeat(30)),
      ],
      { max_tokens: 64_000 },
    );
    expect(row).toMatchObject({ usage_source: 'estimated', output_tokens: 30_010 });
  });

  it('counts web searches that were begun', async () => {
    const search = (i: number): string => event({ type: 'content_block_start', index: i, content_block: { type: 'server_tool_use', id: `s${i}`, name: 'web_search', input: {} } });
    const tools = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 10 }];
    const { row } = await leftAfter([messageStart(), ...Array.from({ length: 10 }, (_, i) => search(i)), textDelta('xxx')], { tools });
    expect(row).toMatchObject({ usage_source: 'estimated', charge: 100_000 + 15, detail: '{"webSearchRequests":10,"outputTokensAfterDisconnect":0}' });
    expect(differences()).toEqual([]);
  });
});

describe('recovery', () => {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const card = (version: CardVersion) => readCard(gateway.db, version).card;

  /** Our own open request as another process would find it, had we died. */
  const orphans = (): readonly OpenRequest[] => {
    const instance = gateway.db.prepare('SELECT instance FROM open_requests').pluck().get() as number;
    const token = gateway.db.prepare('SELECT token FROM instances WHERE id = ?').pluck().get(instance) as string;
    gateway.db.prepare('UPDATE instances SET token = ? WHERE id = ?').run('gone', instance);
    const found = findDeadInstances(gateway.db, null).orphans;
    gateway.db.prepare('UPDATE instances SET token = ? WHERE id = ?').run(token, instance);
    return found;
  };

  async function recovered(found: readonly OpenRequest[], cardOf = card): Promise<Settlement[]> {
    const settled: Settlement[] = [];
    const ledger = {
      orphans: () => Promise.resolve(found),
      settle: (settlement: Settlement) => {
        settled.push(settlement);
        return Promise.resolve({ kind: 'alreadyPosted' as const });
      },
    } as unknown as Ledger;
    await recover({ ledger, card: cardOf, alias: () => null, book: () => createPriceBook([]), log, observer: NO_OBSERVER });
    return settled;
  }

  it('charges like the estimate of a living process: geo, tier, searches and the worst case', async () => {
    changeRoute(gateway.db, aliasOf('main'), () => ({ holdOutputTokens: 1 }));
    const model = 'claude-opus-4-6';
    const usage = { input_tokens: 10_000, output_tokens: 50, inference_geo: 'us', service_tier: 'batch', server_tool_use: { web_search_requests: 2 } };
    const { row, seen } = await leftAfter([messageStart(usage, model)], { model, system: 'x'.repeat(20_000) }, orphans);
    const [settlement] = await recovered(seen ?? []);
    // (10,000 × 5 + 50 × 25) × 1.1 ÷ 2 for tokens and 2 × 10,000 ÷ 2 for searches.
    expect(row).toMatchObject({ usage_source: 'estimated', charge: 38_188 });
    expect(settlement).toMatchObject({ action: 'post', charge: 38_188n });
    expect(settlement?.record).toMatchObject({ usageSource: 'recovered', detail: { inferenceGeo: 'us', serviceTier: 'batch', webSearchRequests: 2 } });
  });

  it('is not kept from other requests by one whose card cannot be read', async () => {
    const { seen = [] } = await leftAfter([messageStart()], { model: MODEL }, orphans);
    const [orphan] = seen;
    if (!orphan) throw new Error('there is no orphan');
    const lost = { ...orphan, hold: { ...orphan.hold, cardVersion: 999 as CardVersion } };
    expect(await recovered([lost, orphan])).toMatchObject([{ action: 'post', record: { cardVersion: orphan.hold.cardVersion } }]);
  });
});

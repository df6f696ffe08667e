/** A gateway's database with a clock of the test's own, and requests that go through the real ledger engine. */
import { openDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type CardVersion, type InstanceId, type KeyId, type RequestId, type RouteId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { NO_SPLIT, type Progress, type RequestRecord } from '../../src/ledger/ledger.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { micro, type MicroUsdc } from '../../src/money.ts';
import { createLiveReader, type LiveReader } from '../../src/reports/live/live-reader.ts';
import { NO_TOKENS, TOKEN_CLASSES, type TokenCounts } from '../../src/tokens.ts';
import { openCliFolder, type CliFolder } from '../cli/cli-run.ts';
import { generationOf, holdOf, recordOf } from '../ledger/fixtures.ts';

export const MODELS = ['claude-opus-4-6', 'claude-haiku-4-5'] as const;
const INSTANCE = 1 as InstanceId;

export interface SceneRequest {
  /** Default 1; key n belongs to buyer n, keys above the buyers to the first one. */
  readonly key?: number;
  readonly route?: number;
  readonly model?: string;
  readonly tokens?: Partial<TokenCounts>;
  /** By class; the charge is their sum. */
  readonly charges?: Partial<Record<keyof TokenCounts, number>>;
  readonly cacheSaved?: number;
  readonly record?: Partial<RequestRecord>;
  /** Ends this one, which `open` began. */
  readonly running?: RequestId;
}

/** What the scene remembers of a request that ended. */
export interface EndedRequest {
  readonly requestId: RequestId;
  /** Unix ms, by the ledger. */
  readonly at: number;
  readonly buyer: number;
  readonly key: number;
  readonly route: number;
  readonly model: string;
  readonly status: string;
  readonly tokens: TokenCounts;
  readonly charges: Record<keyof TokenCounts, number>;
  readonly cacheSaved: number;
}

export interface Scene {
  readonly cli: CliFolder;
  readonly db: Db;
  /** Unix ms; forward only. */
  now: number;
  readonly ended: EndedRequest[];
  /** A connection that can only read, as `ainogap top` has. */
  readonly reading: Db;
  /** A live reader on it, by the scene's clock. */
  reader(timezone?: string): LiveReader;
  /** A request that starts and ends now, unless its record says otherwise. */
  end(request?: SceneRequest): EndedRequest;
  refuse(request?: { key?: number; route?: number }): EndedRequest;
  /** A request that runs. */
  open(request?: SceneRequest & { hold?: bigint }): RequestId;
  progress(requestId: RequestId, progress: Partial<Progress>): void;
  close(): void;
}

/** Buyers acme, globex and initech with key 1, 2 and 3; key 4 is acme's too. Routes `fast` and `slow`, on two upstreams. */
export async function openScene(start: number): Promise<Scene> {
  const cli = openCliFolder();
  const setUp = ['acme', 'globex', 'initech'].flatMap((buyer) => [`buyer create ${buyer}`, `key create ${buyer} --label first`]);
  cli.write('config.yaml', `${CONFIG_WITH_TWO}`);
  for (const line of [...setUp, 'key create acme --label second', 'route create fast --upstream one', 'route create slow --upstream two']) {
    const { code, err } = await cli.run(line.split(' '), { now: start });
    if (code !== 0) throw new Error(`${line}: ${err}`);
  }
  return sceneOn(cli, start);
}

const upstream = (name: string): string => `  ${name}:\n    kind: anthropic\n    base_url: https://${name}.example.com\n    credential: env:ANTHROPIC_API_KEY\n`;
const CONFIG_WITH_TWO = `listen: 127.0.0.1:8787\ndatabase: ./ainogap.db\nupstreams:\n${upstream('one')}${upstream('two')}`;

function sceneOn(cli: CliFolder, start: number): Scene {
  const db = openDatabase(cli.database, { mode: 'write' });
  const reading = openDatabase(cli.database, { mode: 'read' });
  const engine = createEngine(db, { instance: INSTANCE, now: () => scene.now });
  const newId = createRequestIds(INSTANCE, () => scene.now);
  const buyerOf = (key: number): number => (key <= 3 ? key : 1);
  const remember = (record: RequestRecord, charges: Record<keyof TokenCounts, number>, cacheSaved: number): EndedRequest => {
    const ended: EndedRequest = {
      requestId: record.requestId,
      at: Number(db.prepare('SELECT at FROM ledger_clock').pluck().get()),
      buyer: record.buyerId,
      key: record.keyId,
      route: record.routeId ?? 0,
      model: record.status === 'refused' ? '' : (record.model ?? ''),
      status: record.status,
      tokens: record.tokens,
      charges,
      cacheSaved,
    };
    scene.ended.push(ended);
    return ended;
  };
  const whoOf = ({ key = 1, route = 1, model = MODELS[0] }: SceneRequest) => ({
    keyId: key as KeyId,
    routeId: route as RouteId,
    cardVersion: route as CardVersion,
    model,
    upstream: route === 1 ? 'one' : 'two',
    startedAt: scene.now,
  });
  const scene: Scene = {
    cli,
    db,
    now: start,
    ended: [],
    reading,
    reader: (timezone = 'UTC') => createLiveReader(reading, { timezone, now: () => scene.now }),
    end(request = {}) {
      const who = whoOf(request);
      const buyer = buyerOf(who.keyId) as BuyerId;
      const charges = { ...NO_TOKENS, ...request.charges };
      const charge = micro(TOKEN_CLASSES.reduce((sum, tokenClass) => sum + charges[tokenClass], 0));
      const requestId = request.running ?? newId();
      const record = recordOf(requestId, buyer, { ...who, tokens: { ...NO_TOKENS, ...request.tokens }, listCost: charge, ...request.record });
      const byClass = Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, micro(charges[tokenClass])])) as Record<keyof TokenCounts, MicroUsdc>;
      const split = { ...NO_SPLIT, byClass, cacheSaved: micro(request.cacheSaved ?? 0) };
      const hold = holdOf(requestId, buyer, charge, { ...who, generation: generationOf(db) });
      const settle = { op: 'settle', settlement: { action: charge === 0n ? 'void' : 'post', charge, split, record: requestRowOf(record) } } as const;
      const settled = engine.apply(request.running === undefined ? [{ op: 'hold', hold }, settle] : [settle]).at(-1);
      if (settled?.kind !== 'posted' && settled?.kind !== 'voided') throw new Error(`settle ${settled?.kind}`);
      return remember(record, charges, request.cacheSaved ?? 0);
    },
    refuse({ key = 1, route } = {}) {
      const record = recordOf(newId(), buyerOf(key) as BuyerId, {
        keyId: key as KeyId,
        routeId: route === undefined ? null : (route as RouteId),
        cardVersion: null,
        model: 'a-word-of-the-client',
        status: 'refused',
        httpStatus: 402,
        errorCode: 'insufficient_funds',
        tokens: NO_TOKENS,
        listCost: null,
        outputTokensMax: null,
        usageSource: 'none',
        upstream: null,
        attempts: 0,
        startedAt: scene.now,
        timeToFirstByteMs: null,
      });
      engine.apply([{ op: 'refusal', record: requestRowOf(record) }]);
      return remember(record, { ...NO_TOKENS }, 0);
    },
    open(request = {}) {
      const requestId = newId();
      const who = whoOf(request);
      const [held] = engine.apply([{ op: 'hold', hold: holdOf(requestId, buyerOf(who.keyId) as BuyerId, request.hold ?? 1_000n, { ...who, generation: generationOf(db) }) }]);
      if (held?.kind !== 'created') throw new Error(`hold ${held?.kind}`);
      return requestId;
    },
    progress(requestId, progress) {
      engine.apply([
        {
          op: 'progress',
          progress: { requestId, model: MODELS[0], tokens: NO_TOKENS, deltaBytes: 0, webSearchRequests: 0, inferenceGeo: null, serviceTier: null, ...progress },
        },
      ]);
    },
    close() {
      reading.close();
      db.close();
      cli.remove();
    },
  };
  // By the scene's clock: the ledger's own never runs backwards.
  for (const buyerId of [1, 2, 3] as BuyerId[])
    engine.apply([{ op: 'deposit', deposit: { buyerId, amount: micro(1_000_000_000n), kind: 'deposit', reference: null, reason: null } }]);
  return scene;
}

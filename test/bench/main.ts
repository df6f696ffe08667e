/**
 * npm run bench [-- --quick] [--json] [--only TEXT] [--bare-only] [--launcher FILE] [--node-option=--cpu-prof]
 *
 * Measures the built product against a bare proxy on the same machine in the same run. A report, not a test: a missed
 * target does not fail it, a failed request or a failed `ainogap verify` does.
 */
import { parseArgs } from 'node:util';
import { startBenchChild, type BenchChild } from './bench-child.ts';
import { createCells } from './cells.ts';
import { benchConsole } from './console.ts';
import { benchHandover } from './handover.ts';
import { measureIdleStreams } from './idle-streams.ts';
import { benchLedger } from './ledger.ts';
import { machineFacts } from './machine-facts.ts';
import { measureCell, type CellFigures, type Subject } from './paired-rounds.ts';
import { openProduct, type Product } from './product.ts';
import { reportLines, type BenchFigures } from './report.ts';
import { benchMetrics } from './metrics.ts';
import { benchReports } from './reports.ts';
import { benchRollups } from './rollups.ts';
import { benchTop } from './top.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Only cells and parts (`ledger`, `rollups`, `reports`, `idle`, `top`, `console`, `metrics`, `handover`) whose name or number in flight contains this. */
    only: { type: 'string', default: '' },
    'bare-only': { type: 'boolean', default: false },
    launcher: { type: 'string' },
    'node-option': { type: 'string', multiple: true, default: [] },
  },
});

const rounds = flags.quick ? 3 : 5;
const windowMs = flags.quick ? 400 : 1_000;
const wanted = (name: string): boolean => name.includes(flags.only);
const progress = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`));

async function bareSubject(upstream: string): Promise<{ child: BenchChild; subject: Subject }> {
  const child = await startBenchChild('bare-proxy.ts', { AINOGAP_BENCH_UPSTREAM: upstream });
  const subject = { pid: child.pid, port: child.port, path: '/v1/messages', key: `rk_${'b'.repeat(32)}` };
  return { child, subject };
}

async function measureCells(stub: BenchChild, load: BenchChild, sides: { bare: Subject; product: Product | null }): Promise<CellFigures[]> {
  const plan = { stub, load, ...sides };
  const figures: CellFigures[] = [];
  const cells = createCells().filter((cell) => wanted(`${cell.name} ${cell.inFlight}`));
  // Compilation is no part of a request's cost. V8's optimiser is busy for some fifty thousand requests: every kind of
  // request runs for seconds, on both sides, before any is measured.
  const kinds = cells.filter((one, i, all) => all.findIndex(({ name }) => name === one.name) === i);
  for (const [i, cell] of kinds.entries()) {
    progress(`warming up: ${cell.name}`);
    await measureCell({ ...cell, inFlight: 64, tickMs: 0 }, { ...plan, rounds: i === 0 ? 2 : 1, windowMs: 2_000 });
  }
  for (const cell of cells) {
    progress(`${cell.name}, ${cell.inFlight} in flight`);
    figures.push(await measureCell(cell, { ...plan, rounds, windowMs }));
  }
  return figures;
}

async function run(started: { stop(): Promise<void> }[]): Promise<BenchFigures> {
  const start = async (script: string) => {
    const child = await startBenchChild(script);
    started.push(child);
    return child;
  };
  const stub = await start('upstream-stub.ts');
  const load = await start('load-generator.ts');
  const upstream = `http://127.0.0.1:${stub.port}`;
  const bare = await bareSubject(upstream);
  started.push(bare.child);
  const product = flags['bare-only'] ? null : await openProduct({ upstream, launcher: flags.launcher ?? null, nodeOptions: flags['node-option'] });
  if (product) started.push({ stop: () => product.remove() });

  progress('ledger');
  const ledger = wanted('ledger') ? await benchLedger({ inFlight: [64, 256], seconds: flags.quick ? 1 : 2 }) : [];
  progress('rollups');
  const rollups = wanted('rollups') ? await benchRollups({ seconds: flags.quick ? 2 : 5 }) : [];
  progress('reports');
  const reports = wanted('reports') ? await benchReports(flags.quick ? 100_000 : 1_000_000) : null;
  const cells = await measureCells(stub, load, { bare: bare.subject, product });
  let idle: BenchFigures['idle'] = null;
  if (wanted('idle')) {
    progress('idle streams');
    const fresh = await bareSubject(upstream);
    started.push(fresh.child);
    const bareIdle = await measureIdleStreams(stub, load, fresh.subject);
    await fresh.child.stop();
    await product?.restart();
    idle = { bare: bareIdle, product: product && (await measureIdleStreams(stub, load, product)) };
  }
  progress('top');
  const top = wanted('top') && product ? await benchTop({ stub, load, product, pairs: 5 * rounds, windowMs }) : null;
  progress('console');
  const pages = wanted('console') && product ? await benchConsole({ stub, load, product, pairs: 4 * rounds, windowMs: 5 * windowMs }) : [];
  progress('metrics');
  const metrics = wanted('metrics') && product ? await benchMetrics({ stub, load, product, upstream, pairs: 4 * rounds, windowMs }) : [];
  progress('handover');
  const handover = wanted('handover') && product ? await benchHandover({ stub, product, turns: rounds }) : null;
  await product?.stop();
  const verify = product && (await product.verify());
  return { cells, ledger, rollups, reports, idle, top, console: pages, metrics, handover, verify, machine: machineFacts(), rounds, windowMs };
}

const started: { stop(): Promise<void> }[] = [];
let interrupted = false;
const stopAll = async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
};
process.once('SIGINT', () => {
  interrupted = true;
  void stopAll().then(() => process.exit(130));
});
try {
  const figures = await run(started);
  progress('');
  if (figures.verify?.passed === false) process.exitCode = 1;
  console.log(flags.json ? JSON.stringify(figures, jsonValue, 2) : reportLines(figures).join('\n'));
} catch (error) {
  if (!interrupted) {
    progress('');
    console.error(`error: ${(error as Error).message}`);
    process.exitCode = 1;
  }
} finally {
  await stopAll();
}

/** Request bodies are inputs, not figures. */
function jsonValue(key: string, value: unknown): unknown {
  return key === 'body' ? undefined : value;
}

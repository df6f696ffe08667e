// npm run pictures [-- SECONDS] -> docs/pictures/*.svg: what the built product shows of a gateway under traffic.
// The sparklines look back on five minutes, of which those under traffic are drawn finely: 310 seconds fill them.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { formatRequestId, type RequestId } from '../src/ids.ts';
import { startServe } from '../test/support/serve-process.ts';
import { hasTmux } from '../test/support/tmux.ts';
import { ansiToSvg } from './ansi-to-svg.ts';
import { openPictureTerminal, type PictureTerminal } from './picture-terminal.ts';
import { writeHistory } from './showcase-history.ts';
import { startTraffic } from './showcase-traffic.ts';
import { createShowcaseWorld, type ShowcaseWorld } from './showcase-world.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const LAUNCHER = path.join(ROOT, 'bin/ainogap.js');
const FOLDER = path.join(ROOT, 'docs/pictures');
const DAY_MS = 86_400_000;
const LONG_STREAMS_MS = 8_000;
const COLUMNS = 120;

/** By the keys that lead to them; those of few rows are not so high. */
const VIEWS = [
  { name: 'overview', key: '1', rows: 42 },
  { name: 'buyers', key: '2', rows: 20 },
  { name: 'routes', key: '3', rows: 20 },
  { name: 'keys', key: '4', rows: 24 },
  { name: 'live', key: '5', rows: 36 },
  { name: 'upstreams', key: '6', rows: 14 },
] as const;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function main(seconds: number): Promise<void> {
  if (!hasTmux) throw new Error('the pictures are taken in tmux, which is not here');
  if (!(seconds >= 20)) throw new Error('usage: npm run pictures -- SECONDS, 20 at least');
  const now = Date.now();
  const world = createShowcaseWorld(now - 10 * DAY_MS);
  try {
    say('writing nine days of history');
    writeHistory(world.db, { buyers: world.buyers, from: now - 9 * DAY_MS, to: now });
    await photograph(world, seconds * 1_000);
  } finally {
    world.remove();
  }
}

async function photograph(world: ShowcaseWorld, trafficMs: number): Promise<void> {
  const env = environment(world.folder);
  const server = await startServe({ program: LAUNCHER, args: ['--port', '0'], cwd: world.folder, env });
  const traffic = startTraffic({ origin: server.origin, buyers: world.buyers });
  const terminals: PictureTerminal[] = [];
  try {
    say(`sending requests for ${trafficMs / 1_000} s`);
    const top = await openPictureTerminal({ launcher: LAUNCHER, columns: COLUMNS, rows: 36, cwd: world.folder, env });
    terminals.push(top);
    top.begin(['top']);
    await pause(trafficMs - LONG_STREAMS_MS);
    traffic.openLongStreams();
    await pause(LONG_STREAMS_MS);
    await takeViews(top);
    await takeDetails(top, requestOf(world, RECEIPT));
    const commands = await openPictureTerminal({ launcher: LAUNCHER, columns: COLUMNS, rows: 80, cwd: world.folder, env });
    terminals.push(commands);
    await takeCommands(commands, world);
  } finally {
    for (const terminal of terminals) terminal.kill();
    await traffic.stop();
    server.kill('SIGTERM');
    await Promise.race([server.exited, pause(5_000)]);
    await server.stop();
  }
}

async function takeViews(top: PictureTerminal): Promise<void> {
  for (const { name, key, rows } of VIEWS) {
    top.resize(COLUMNS, rows);
    top.press(key);
    await top.until(new RegExp(`\\[${key} ${name}`, 'i'));
    await pause(1_200);
    save(name, { title: 'ainogap top', rows, ansi: top.colours() });
  }
}

/** What opens from the lists: a buyer, a request's receipt, a question before something is done. */
async function takeDetails(top: PictureTerminal, request: string): Promise<void> {
  top.resize(COLUMNS, 26);
  top.press('5', '/');
  top.type(request);
  top.press('Enter', 'Enter');
  await top.until(/if nothing were cached/);
  save('receipt', { title: 'ainogap top', rows: 26, ansi: top.colours() });
  // By itself: with a key right after it, Escape is Alt.
  top.press('Escape');
  await top.untilNot(/Receipt req_/);
  top.press('4');
  await top.until(/\[4 Keys\]/);
  top.press('r');
  await top.until(/Rotate key/);
  save('rotate-key', { title: 'ainogap top', rows: 26, ansi: top.colours() });
  top.press('Escape');
}

async function takeCommands(terminal: PictureTerminal, world: ShowcaseWorld): Promise<void> {
  const commands = {
    explain: ['explain', requestOf(world, EXPLAIN)],
    'usage-chart': ['usage', '--by', 'day', '--since', '8d', '--chart'],
    statement: ['statement', 'acme', '--month', new Date().toISOString().slice(0, 7)],
  };
  for (const [name, args] of Object.entries(commands)) {
    const shown = await terminal.run(args);
    save(name, { title: `ainogap ${args[0]}`, rows: 0, ansi: `\u001b[90m$\u001b[39m ainogap ${args.join(' ')}\n${shown}` });
  }
}

/** One that has something in every class but plain input, and one that was tried twice and read from a cache. */
const RECEIPT = 'cache_write_1h_tokens > 0 AND cache_write_5m_tokens > 0 AND cache_read_tokens > 0';
const EXPLAIN = 'attempts > 1 AND cache_read_tokens > 0';

function requestOf({ db }: ShowcaseWorld, wanted: string): string {
  const find = (condition: string): unknown =>
    db.prepare(`SELECT id FROM requests WHERE status = 'completed' AND upstream_request_id IS NOT NULL AND ${condition} ORDER BY id DESC LIMIT 1`).pluck().safeIntegers().get();
  const id = find(wanted) ?? find('cache_read_tokens > 0');
  if (typeof id !== 'bigint') throw new Error('no request of the traffic completed');
  return formatRequestId(id as RequestId);
}

function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: path.join(home, '.config'), FORCE_COLOR: '1', TERM: 'xterm-256color', TZ: 'UTC', LANG: 'C.UTF-8' };
}

function save(name: string, { ansi, title, rows }: { ansi: string; title: string; rows: number }): void {
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(path.join(FOLDER, `${name}.svg`), ansiToSvg(ansi, { title, columns: COLUMNS, rows }));
  say(`docs/pictures/${name}.svg`);
}

await main(Number(process.argv[2] ?? 75));

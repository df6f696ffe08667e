/** Clients of many kinds against a running gateway, over HTTP: agents that cache, chats, and what goes wrong. */
import { createRandom, type Random } from './showcase-random.ts';
import { FAILING_ROUTE, type ShowcaseBuyer } from './showcase-world.ts';

export interface TrafficOptions {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly buyers: readonly ShowcaseBuyer[];
}

export interface Traffic {
  /** Some streams that last longer than any picture. */
  openLongStreams(): void;
  /** Cuts what runs; resolves when every client has gone. */
  stop(): Promise<void>;
}

export function startTraffic(options: TrafficOptions): Traffic {
  const clients = new Clients(options);
  clients.start();
  return { openLongStreams: () => clients.openLongStreams(), stop: () => clients.stop() };
}

interface Ask {
  readonly buyer: ShowcaseBuyer;
  readonly key: number;
  readonly route: string;
  readonly body: Record<string, unknown>;
  /** What the simulator is ordered to do, see its directives. */
  readonly simulate?: Record<string, unknown>;
}

class Clients {
  readonly #options: TrafficOptions;
  readonly #random: Random = createRandom(11);
  readonly #end = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  start(): void {
    for (const buyer of this.#options.buyers) {
      const clients = buyer.habit.style === 'chat' ? buyer.habit.share : Math.ceil(buyer.habit.share * 0.8);
      for (let client = 0; client < clients; client++) this.#go(() => this.#converse(buyer, client));
      if (buyer.habit.share === 0) this.#go(() => this.#again(2_500, () => this.#ask(this.#simple(buyer, { max_tokens: 300 }))));
    }
    const [first, second] = this.#options.buyers as [ShowcaseBuyer, ShowcaseBuyer];
    this.#go(() => this.#again(1_800, () => this.#ask({ ...this.#simple(second, {}), route: FAILING_ROUTE })));
    this.#go(() => this.#again(6_000, () => this.#ask(this.#simple(first, { model: 'claude-opus-3' }))));
    this.#go(() => this.#again(5_000, () => this.#ask({ ...this.#simple(first, { stream: true }), simulate: { failure: 'cut', outputTokens: 400 } })));
  }

  openLongStreams(): void {
    for (const buyer of this.#options.buyers.filter(({ habit }) => habit.share > 0).slice(0, 4))
      this.#go(() => this.#ask({ ...this.#simple(buyer, { stream: true, max_tokens: 8_000, ...longPrompt(buyer) }), simulate: { outputTokens: 6_000, tokensPerSecond: 55 } }));
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running);
  }

  #go(client: () => Promise<void>): void {
    this.#running.push(client());
  }

  async #again(everyMs: number, ask: () => Promise<void>): Promise<void> {
    while (!this.#end.signal.aborted) {
      await ask();
      await this.#pause(everyMs);
    }
  }

  #simple(buyer: ShowcaseBuyer, more: Record<string, unknown>): Ask {
    const { models, routes } = buyer.habit;
    const body = { model: models[0], max_tokens: 900, messages: [{ role: 'user', content: 'Summarise the release notes of this week in three sentences.' }], ...more };
    return { buyer, key: 0, route: routes[0], body };
  }

  /** Conversations, one after another: each turn repeats what came before, so most of its prompt can be read from a cache. */
  async #converse(buyer: ShowcaseBuyer, client: number): Promise<void> {
    const { habit } = buyer;
    const random = createRandom(buyer.id * 100 + client);
    await this.#pause(random.whole(0, 2_500));
    for (let conversation = 0; !this.#end.signal.aborted; conversation++) {
      const model = random.pick(habit.models);
      const route = random.pick(habit.routes);
      // Clients of one buyer work in the same project, so the second one finds the first one's cache.
      const system = [instructions(habit.style === 'writer' ? `${buyer.name} ${random.next()}` : buyer.name, 18_000), instructions(`${buyer.name}, task ${client}.${conversation}`, random.whole(2, 8) * 1_000)];
      const messages: Record<string, unknown>[] = [];
      const turns = habit.style === 'agent' ? random.whole(5, 9) : 1;
      for (let turn = 0; turn < turns && !this.#end.signal.aborted; turn++) {
        messages.push({ role: 'user', content: [{ type: 'text', text: toolResult(random, turn) }] });
        await this.#ask({ buyer, key: client, route, body: { model, max_tokens: 2_000, stream: true, ...prompt(habit.style, system, messages) }, simulate: { outputTokens: random.whole(60, 420) } });
        messages.push({ role: 'assistant', content: [{ type: 'text', text: `Step ${turn + 1} is done.` }] });
        await this.#pause(random.whole(150, 900));
      }
    }
  }

  async #ask({ buyer, key, route, body, simulate }: Ask): Promise<void> {
    const secret = (buyer.keys[key % buyer.keys.length] as ShowcaseBuyer['keys'][number]).secret;
    const metadata = simulate === undefined ? {} : { metadata: { user_id: `[[simulate ${JSON.stringify(simulate)}]]` } };
    try {
      const answer = await fetch(`${this.#options.origin}/${route}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': secret, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, ...metadata }),
        signal: this.#end.signal,
      });
      await answer.text();
    } catch {
      // Streams break off on purpose, and all of them do at the end.
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#end.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms * (0.8 + 0.4 * this.#random.next()));
      this.#end.signal.addEventListener('abort', done);
      if (this.#end.signal.aborted) done();
    });
  }
}

/** An agent marks its instructions for an hour and its newest message for five minutes. */
function prompt(style: ShowcaseBuyer['habit']['style'], system: readonly string[], messages: readonly Record<string, unknown>[]): Record<string, unknown> {
  if (style === 'chat') return { messages };
  const ttl = style === 'agent' ? '1h' : '5m';
  const marked = messages.map((message, index) => {
    if (index < messages.length - 1) return message;
    const [block] = message['content'] as [Record<string, unknown>];
    return { ...message, content: [{ ...block, cache_control: { type: 'ephemeral' } }] };
  });
  return { system: system.map((text) => ({ type: 'text', text, cache_control: { type: 'ephemeral', ttl } })), messages: style === 'agent' ? marked : messages };
}

/** The project's instructions, which a cache has by then, and a question. */
function longPrompt({ name, habit }: ShowcaseBuyer): Record<string, unknown> {
  return prompt(habit.style, [instructions(name, 18_000)], [{ role: 'user', content: [{ type: 'text', text: 'Write the whole chapter on caching.' }] }]);
}

function instructions(project: string, bytes: number): string {
  const sentence = `In the repository of ${project}, read before you write, keep functions small, and run the tests. `;
  return sentence.repeat(Math.ceil(bytes / sentence.length));
}

function toolResult(random: Random, turn: number): string {
  const lines = Array.from({ length: random.whole(8, 60) }, (_, line) => `src/part-${turn}/file-${line}.ts:${random.whole(1, 400)}: export function step${random.whole(1, 99)}()`);
  return `The tool answered:\n${lines.join('\n')}`;
}

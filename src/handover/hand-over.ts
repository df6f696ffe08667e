/** A serving process hands over: at most once, and only when its successor serves. Until then nothing changes for anybody. */
import type { Log } from '../log.ts';
import type { Outcome } from './control-messages.ts';
import type { GivenSocket } from './given-sockets.ts';
import type { ProgramCommand } from './program-command.ts';
import { HandoverRefused, startSuccessor, type Successor } from './successor.ts';

export interface HandOverOptions {
  readonly log: Log;
  readonly command: ProgramCommand;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Why this process cannot have a successor, in words; null: it can. */
  readonly hindrance: () => { readonly message: string; readonly next?: string } | null;
  /** Null when the runtime does not tell the descriptors. */
  readonly sockets: () => readonly GivenSocket[] | null;
  readonly unanswered: () => number;
  /** A service manager must know its new main process before the old one ends, or it would end both. False: it could not be told. */
  readonly tellServiceManager: (mainPid: number) => Promise<boolean>;
  /** From here on the successor alone says that it lives. */
  readonly handedToSuccessor?: () => void;
  /** Told to whoever looks at the service: how the hand-over stands. */
  readonly status?: (sentence: string) => void;
  /** Default 60,000. */
  readonly withinMs?: number;
}

const WITHIN_MS = 60_000;

export class HandOver {
  readonly #options: HandOverOptions;
  readonly #aborted = new AbortController();
  #starting = false;
  #successor: Successor | null = null;
  #stopping = false;
  #onDone: (successor: Successor) => void = () => undefined;
  /** Resolves when the successor serves. */
  readonly done = new Promise<Successor>((resolve) => (this.#onDone = resolve));

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  get handedOver(): boolean {
    return this.#successor !== null;
  }

  /** @param by who asked, for the log. Does not reject. */
  async begin(by: string): Promise<Outcome> {
    const { log, unanswered } = this.#options;
    const startedAt = performance.now();
    try {
      const successor = await this.#start(by);
      const [readyMs, draining] = [Math.round(performance.now() - startedAt), unanswered()];
      this.#successor = successor;
      successor.goOn();
      log.info('handed_over', { to: successor.pid, version: successor.version, readyMs, draining });
      this.#onDone(successor);
      return { kind: 'handedOver', from: process.pid, to: successor.pid, version: successor.version, readyMs, draining };
    } catch (error) {
      if (!(error instanceof HandoverRefused)) log.error('handover_failed', { error: String((error as Error).stack ?? error) });
      const { message, next } = error as HandoverRefused;
      log.error('handover_refused', { by, message, next });
      // One that stops or has handed over has nothing more to say of the service, nor has a second hand-over beside the first.
      if (!this.#stopping && !this.#successor && !this.#starting) this.#options.status?.(`hand-over refused: ${message}`);
      return { kind: 'refused', message, ...(next === undefined ? {} : { next }) };
    }
  }

  async #start(by: string): Promise<Successor> {
    const { log, command, cwd, env, hindrance, sockets, withinMs = WITHIN_MS } = this.#options;
    if (this.#stopping) throw new HandoverRefused('this process is stopping');
    if (this.#successor) throw new HandoverRefused(`process ${this.#successor.pid} has taken over already`);
    if (this.#starting) throw new HandoverRefused('a hand-over is under way');
    // An earlier refusal is not to be taken for the answer.
    this.#options.status?.('hand-over under way');
    const why = hindrance();
    if (why) throw new HandoverRefused(why.message, why.next);
    const passed = sockets();
    if (passed === null) throw new HandoverRefused('this runtime does not tell the descriptors of its sockets');
    log.info('handing_over', { by, program: command.file });
    this.#starting = true;
    try {
      const successor = await startSuccessor({ command, cwd, env, sockets: passed, withinMs, signal: this.#aborted.signal });
      const end: { how: string | null } = { how: null };
      void successor.ended.then((how) => (end.how = how));
      const told = await this.#options.tellServiceManager(successor.pid);
      if (told && !this.#stopping && end.how === null) {
        this.#options.handedToSuccessor?.();
        return successor;
      }
      // Before it ends: a service ends with its main process.
      await this.#options.tellServiceManager(process.pid);
      await successor.end();
      if (end.how !== null) throw new HandoverRefused(`the successor ended (${end.how}) before this process had stepped back`);
      throw new HandoverRefused(told ? 'this process is to stop' : 'the service manager could not be told of its new main process, and would end it with this one');
    } finally {
      this.#starting = false;
    }
  }

  /** This process is to stop: a successor that does not serve yet is given up, and none is started. */
  abort(): void {
    this.#stopping = true;
    this.#aborted.abort();
  }
}

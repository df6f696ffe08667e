/**
 * The events of all signed-in buyers' pages: one look at the database for all of them each second while somebody listens.
 * A buyer's figures are read only when something was written since, or a minute has passed, and only what differs is sent.
 */
import { prepared } from '../../db/prepared.ts';
import { sessionStands } from '../../auth/sessions.ts';
import type { BuyerId } from '../../ids.ts';
import type { ApiDeps } from '../api-app.ts';
import { BuyerChanges, type Clock } from './buyer-changes.ts';

export interface FeedPace {
  readonly tickMs: number;
  /** So often something is sent, for proxies close what is silent for long, and idle sessions are looked for. */
  readonly pingTicks: number;
}
const PACE: FeedPace = { tickMs: 1_000, pingTicks: 15 };

export interface Subscriber {
  readonly buyerId: BuyerId;
  readonly sessionId: number;
  /** Takes the text of one or more events. False: it takes no more and is to be dropped. */
  send(text: string): boolean;
  close(): void;
}

export class BuyerFeed {
  readonly #deps: ApiDeps;
  readonly #pace: FeedPace;
  readonly #subscribers = new Set<Subscriber>();
  readonly #changes = new Map<BuyerId, BuyerChanges>();
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  #told = '';

  constructor(deps: ApiDeps, pace: FeedPace = PACE) {
    this.#deps = deps;
    this.#pace = pace;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Sends the state at once, then what changes. Returns what ends it, which may be called again. */
  subscribe(subscriber: Subscriber): () => void {
    const { buyerId } = subscriber;
    const clock = this.#clock();
    const changes = this.#changes.get(buyerId) ?? new BuyerChanges(this.#deps.db, buyerId, clock.now);
    const state = changes.state(clock);
    this.#changes.set(buyerId, changes);
    this.#subscribers.add(subscriber);
    this.#timer ??= setInterval(() => this.#tick(), this.#pace.tickMs).unref();
    this.#send(subscriber, state.map(eventText).join(''));
    return () => this.#drop(subscriber);
  }

  #clock(): Clock {
    return { now: this.#deps.now(), timezone: this.#deps.plan().timezone };
  }

  #tick(): void {
    try {
      this.#ticks++;
      const pings = this.#ticks % this.#pace.pingTicks === 0;
      const written = this.#written();
      // Whatever ends a session is written too, so nothing is told to one that has ended.
      if (pings || written !== this.#told) this.#endSignedOut();
      if (pings) for (const subscriber of this.#subscribers) this.#send(subscriber, ': ping\n\n');
      if (written === this.#told) return;
      this.#tell();
      this.#told = written;
    } catch (error) {
      // The next look may succeed; those who listen have their figures meanwhile.
      this.#deps.log.warn('buyer_feed_failed', { message: String(error) });
    }
  }

  /** Differs after writes of other connections, after writes of this one, and each minute, by which burn and the last hour change on their own. */
  #written(): string {
    const { db } = this.#deps;
    const minute = Math.floor(this.#deps.now() / 60_000);
    return `${String(db.pragma('data_version', { simple: true }))} ${String(prepared(db, 'SELECT total_changes()', 'pluck').get())} ${minute}`;
  }

  #tell(): void {
    const clock = this.#clock();
    for (const [buyerId, changes] of this.#changes) {
      const text = changes.differences(clock).map(eventText).join('');
      if (text === '') continue;
      for (const subscriber of this.#subscribers) if (subscriber.buyerId === buyerId) this.#send(subscriber, text);
    }
  }

  #endSignedOut(): void {
    const [now, idleMs] = [this.#deps.now(), this.#deps.plan().sessionIdleMs];
    for (const subscriber of this.#subscribers) {
      if (sessionStands(this.#deps.db, { sessionId: subscriber.sessionId, now, idleMs })) continue;
      subscriber.send('event: signed-out\ndata: {}\n\n');
      this.#end(subscriber);
    }
  }

  #send(subscriber: Subscriber, text: string): void {
    if (text !== '' && !subscriber.send(text)) this.#end(subscriber);
  }

  #end(subscriber: Subscriber): void {
    this.#drop(subscriber);
    subscriber.close();
  }

  #drop(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (![...this.#subscribers].some(({ buyerId }) => buyerId === subscriber.buyerId)) this.#changes.delete(subscriber.buyerId);
    if (this.#subscribers.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#told = '';
  }
}

const eventText = ({ event, data }: { readonly event: string; readonly data: string }): string => `event: ${event}\ndata: ${data}\n\n`;

/**
 * Who listens to what. Each tail has a cursor, and everything is sent by the one rule "what comes after the
 * cursor, in order": so backlog turns into live without a gap and without a duplicate, whatever is appended meanwhile.
 *
 * A tail that cannot be served now (backlog, slow reader) is `behind`: it holds no envelopes in memory, it reads
 * them from the store when its socket has room. The hub never keeps a cursor beyond the socket's life: the
 * device's own is the truth.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { Refused } from '../src/wire/fault.ts';
import { encodeRelayFrame } from '../src/wire/frame.ts';
import type { OrgId, TopicId } from '../src/wire/id.ts';
import type { RelayLimits } from './limit.ts';
import type { Parcel } from './parcel.ts';
import type { Page, Store } from './storage.ts';

/** One admitted socket, as the hub sees it. */
export interface Outlet {
  /** Bytes handed over and not yet taken by the network. */
  waitingBytes(): number;
  isOpen(): boolean;
  send(frame: Bytes): void;
  /** The store could not read this topic, which is not tailed any more. */
  fail(topic: TopicId, error: unknown): void;
  /** Some of this topic is damaged and left out; the rest goes on. */
  leaveOut(topic: TopicId): void;
}

interface Tail {
  readonly listener: Listener;
  readonly topic: TopicId;
  cursor: number;
  /** Everything shown so far has been sent: what comes next can be handed on directly. */
  isLive: boolean;
  /** `live` has been said. */
  isTold: boolean;
  /** Something came while a page was being read: what the page says about the end is out of date. */
  isStale: boolean;
}

export class Hub {
  readonly #store: Store;
  readonly #limits: RelayLimits;
  readonly #tails = new Map<string, Set<Tail>>();

  constructor(store: Store, limits: RelayLimits) {
    this.#store = store;
    this.#limits = limits;
    store.listen((org, topic, parcel) => this.#publish(org, topic, parcel));
  }

  join(outlet: Outlet, org: OrgId): Listener {
    return new Listener(outlet, org, this.#store, this.#limits, this.#tails);
  }

  /** To all others who tail the topic now and can take it; a cast is worth nothing later, so none waits. */
  cast(from: Listener, topic: TopicId, bytes: Bytes): void {
    const tails = this.#tails.get(keyOf(from.org, topic));
    if (tails === undefined) return;
    const frame = encodeRelayFrame({ type: 'cast', topic, bytes });
    for (const { listener } of tails) {
      if (listener !== from && listener.hasRoom) listener.outlet.send(frame);
    }
  }

  #publish(org: OrgId, topic: TopicId, { first, last, frame }: Parcel): void {
    const tails = this.#tails.get(keyOf(org, topic));
    if (tails === undefined) return;
    for (const tail of tails) {
      if (tail.isLive && tail.listener.hasRoom && tail.cursor < first) {
        tail.listener.outlet.send(frame); // the same bytes for all
        tail.cursor = last;
      } else if (!tail.isLive || tail.cursor < last) {
        tail.isLive = false;
        tail.isStale = true;
        tail.listener.fallBehind(tail);
      }
    }
  }
}

const keyOf = (org: OrgId, topic: TopicId): string => org + topic;

/** The tails of one socket and the one reader that serves those of them that are behind, a page at a time in turn. */
export class Listener {
  readonly outlet: Outlet;
  readonly org: OrgId;
  readonly #store: Store;
  readonly #limits: RelayLimits;
  readonly #everyone: Map<string, Set<Tail>>;
  readonly #tails = new Map<TopicId, Tail>();
  readonly #behind = new Set<Tail>();
  #isReading = false;

  constructor(outlet: Outlet, org: OrgId, store: Store, limits: RelayLimits, everyone: Map<string, Set<Tail>>) {
    this.outlet = outlet;
    this.org = org;
    this.#store = store;
    this.#limits = limits;
    this.#everyone = everyone;
  }

  get hasRoom(): boolean {
    return this.outlet.isOpen() && this.outlet.waitingBytes() < this.#limits.outgoingBytes;
  }

  /** Tailing a topic again starts again from `from`. Throws `Refused('busy')` beyond the number of topics. */
  tail(topic: TopicId, from: number): void {
    if (!this.#tails.has(topic) && this.#tails.size >= this.#limits.topicsPerConnection) {
      throw new Refused('busy', 'too many topics on one connection');
    }
    this.untail(topic);
    const tail: Tail = { listener: this, topic, cursor: from, isLive: false, isTold: false, isStale: false };
    this.#tails.set(topic, tail);
    const key = keyOf(this.org, topic);
    const together = this.#everyone.get(key) ?? new Set();
    this.#everyone.set(key, together.add(tail));
    this.fallBehind(tail);
  }

  untail(topic: TopicId): void {
    const tail = this.#tails.get(topic);
    if (tail === undefined) return;
    this.#tails.delete(topic);
    this.#behind.delete(tail);
    const key = keyOf(this.org, topic);
    const together = this.#everyone.get(key);
    together?.delete(tail);
    if (together?.size === 0) this.#everyone.delete(key);
  }

  leave(): void {
    for (const topic of [...this.#tails.keys()]) this.untail(topic);
  }

  fallBehind(tail: Tail): void {
    this.#behind.add(tail);
    this.drain();
  }

  /** Called whenever the socket has got rid of something. */
  drain(): void {
    if (this.#isReading || this.#behind.size === 0 || !this.hasRoom) return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      while (this.#behind.size > 0 && this.hasRoom) await this.#readPage();
    } finally {
      // In the same step as the look at the queue: whoever falls behind from here on starts a new reader.
      this.#isReading = false;
    }
  }

  /** One page of the topic that waited longest. */
  async #readPage(): Promise<void> {
    const [tail] = this.#behind;
    if (tail === undefined) return;
    // To the end of the queue, so that one long backlog does not hold up the others.
    this.#behind.delete(tail);
    this.#behind.add(tail);
    tail.isStale = false;
    let page: Page;
    try {
      page = await this.#store.read(this.org, tail.topic, tail.cursor);
    } catch (error) {
      // One damaged topic must not keep the socket from the others.
      if (this.#tails.get(tail.topic) !== tail) return;
      this.untail(tail.topic);
      this.outlet.fail(tail.topic, error);
      return;
    }
    if (this.#tails.get(tail.topic) !== tail || !this.outlet.isOpen()) return; // untailed or begun again meanwhile
    // A cursor from the future means that the store lost its newest part. What comes now must not be skipped;
    // `live` then names a lower offset than the device has seen, which tells it.
    if (tail.cursor > page.last) tail.cursor = page.last;
    if (page.damagedTo > 0) this.outlet.leaveOut(tail.topic);
    for (const { frame, last } of page.parcels) {
      this.outlet.send(frame);
      tail.cursor = last;
    }
    // Never again behind what cannot be read, or the topic would be stuck there.
    tail.cursor = Math.max(tail.cursor, page.damagedTo);
    if (!page.isLast || tail.isStale) return;
    this.#behind.delete(tail);
    tail.isLive = true;
    if (!tail.isTold) this.outlet.send(encodeRelayFrame({ type: 'live', topic: tail.topic, upTo: page.last }));
    tail.isTold = true;
  }
}

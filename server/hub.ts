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
  readonly #tails = new Tails();

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
    const tails = this.#tails.of(from.org, topic);
    if (tails.length === 0) return;
    const frame = encodeRelayFrame({ type: 'cast', topic, bytes });
    for (const { listener } of tails) {
      if (listener !== from && listener.hasRoom) listener.outlet.send(frame);
    }
  }

  #publish(org: OrgId, topic: TopicId, { first, last, frame }: Parcel): void {
    for (const tail of this.#tails.of(org, topic)) {
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

/** Who tails a topic. Lists are short mostly, and a set of one would be the most part of what an idle tail costs. */
class Tails {
  readonly #byOrg = new Map<OrgId, Map<TopicId, Tail[]>>();

  of(org: OrgId, topic: TopicId): readonly Tail[] {
    return this.#byOrg.get(org)?.get(topic) ?? [];
  }

  add(org: OrgId, tail: Tail): void {
    const topics = this.#byOrg.get(org) ?? new Map<TopicId, Tail[]>();
    this.#byOrg.set(org, topics);
    const together = topics.get(tail.topic);
    if (together === undefined) topics.set(tail.topic, [tail]);
    else together.push(tail);
  }

  /** Makes a new list: somebody may be going through the old one, and may not miss anybody. */
  delete(org: OrgId, tail: Tail): void {
    const topics = this.#byOrg.get(org);
    const rest = topics?.get(tail.topic)?.filter((each) => each !== tail) ?? [];
    if (rest.length > 0) topics?.set(tail.topic, rest);
    else topics?.delete(tail.topic);
    if (topics?.size === 0) this.#byOrg.delete(org);
  }
}

/** The tails of one socket and the one reader that serves those of them that are behind, a page at a time in turn. */
export class Listener {
  readonly outlet: Outlet;
  readonly org: OrgId;
  readonly #store: Store;
  readonly #limits: RelayLimits;
  readonly #everyone: Tails;
  readonly #tails = new Map<TopicId, Tail>();
  /** Made when it is needed: most listeners are behind with nothing, most of the time. */
  #behind: Set<Tail> | undefined;
  #isReading = false;

  constructor(outlet: Outlet, org: OrgId, store: Store, limits: RelayLimits, everyone: Tails) {
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
    this.#everyone.add(this.org, tail);
    this.fallBehind(tail);
  }

  untail(topic: TopicId): void {
    const tail = this.#tails.get(topic);
    if (tail === undefined) return;
    this.#tails.delete(topic);
    this.#catchUp(tail);
    this.#everyone.delete(this.org, tail);
  }

  leave(): void {
    for (const topic of [...this.#tails.keys()]) this.untail(topic);
  }

  fallBehind(tail: Tail): void {
    this.#behind ??= new Set();
    this.#behind.add(tail);
    this.drain();
  }

  #catchUp(tail: Tail): void {
    this.#behind?.delete(tail);
    if (this.#behind?.size === 0) this.#behind = undefined;
  }

  /** Called whenever the socket has got rid of something. */
  drain(): void {
    if (this.#isReading || this.#behind === undefined || !this.hasRoom) return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      while (this.#behind !== undefined && this.hasRoom) await this.#readPage();
    } finally {
      // In the same step as the look at the queue: whoever falls behind from here on starts a new reader.
      this.#isReading = false;
    }
  }

  /** One page of the topic that waited longest. */
  async #readPage(): Promise<void> {
    const [tail] = this.#behind ?? [];
    if (tail === undefined) return;
    // To the end of the queue, so that one long backlog does not hold up the others.
    this.#behind?.delete(tail);
    this.#behind?.add(tail);
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
    this.#catchUp(tail);
    tail.isLive = true;
    if (!tail.isTold) this.outlet.send(encodeRelayFrame({ type: 'live', topic: tail.topic, upTo: page.last }));
    tail.isTold = true;
  }
}

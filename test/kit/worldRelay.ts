/**
 * A relay of a world (world.ts): what it has on its disk, what it only shows yet, and how it answers. It knows nothing of
 * who is connected: that is the world's. Honest as it is here; who wants a liar sets `keeps` or the world's `tamper`.
 */
import { idOfEnvelope } from '../../src/core/verify.ts';
import type { ClientFrame } from '../../src/wire/frame.ts';
import type { EnvelopeId, RelayId, TopicId } from '../../src/wire/id.ts';

export interface Stored {
  /** Of the bytes as they came: hashed once, as all that is there is looked through for each envelope that comes. */
  readonly id: EnvelopeId;
  readonly offset: number;
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

export class WorldRelay {
  readonly id: RelayId;
  up = true;
  store = '00'.repeat(16);
  /** A relay whose frames overtake one another; an honest one's come in order. */
  reorders = false;
  /** How long an fsync takes. Listeners are shown an envelope before it, the sender is answered after it. */
  syncMs = 0;
  /** Answers the sender as soon as it has shown an envelope: nothing that a relay may do. */
  answersEarly = false;
  /** How often it died: what was about to be answered then never is. */
  life = 0;
  /** False of an envelope that it says to have kept and has not. */
  keeps: ((bytes: Uint8Array) => boolean) | undefined;
  readonly topics = new Map<TopicId, Stored[]>();
  /** Everything that ever crossed this relay, both ways. */
  readonly crossed: Uint8Array[] = [];
  /** What devices sent of it. */
  readonly sent: ClientFrame[] = [];
  /** Highest offset ever given: they are not given twice, whatever a crash took. */
  readonly #given = new Map<TopicId, number>();
  #puts = 0;
  #unsynced: { readonly put: number; readonly topic: TopicId; readonly stored: Stored }[] = [];

  constructor(id: RelayId) {
    this.id = id;
  }

  /** Where an envelope is, and whether it came just now. */
  put(topic: TopicId, bytes: Uint8Array, nowMs: number): { readonly stored: Stored; readonly isNew: boolean } {
    const items = this.topics.get(topic) ?? [];
    this.topics.set(topic, items);
    const id = idOfEnvelope(bytes);
    const before = items.find((each) => each.id === id);
    if (before !== undefined) return { stored: before, isNew: false };
    const offset = Math.max(this.#given.get(topic) ?? 0, items.at(-1)?.offset ?? 0) + 1;
    const stored = { id, offset, atMs: nowMs, bytes: bytes.slice() };
    this.#given.set(topic, offset);
    if (this.keeps?.(bytes) === false) return { stored, isNew: true };
    items.push(stored);
    this.#puts += 1;
    this.#unsynced.push({ put: this.#puts, topic, stored });
    return { stored, isNew: true };
  }

  after(topic: TopicId, from: number): readonly Stored[] {
    return (this.topics.get(topic) ?? []).filter((each) => each.offset > from);
  }

  /** How many envelopes were put until now. */
  get puts(): number {
    return this.#puts;
  }

  /** The first so many that were ever put are on disk. */
  sync(puts: number): void {
    this.#unsynced = this.#unsynced.filter((each) => each.put > puts);
  }

  /** What an envelope's topic holds of it on disk: what would be there after a crash. */
  hasOnDisk(topic: TopicId, id: EnvelopeId): boolean {
    const stored = this.topics.get(topic)?.find((each) => each.id === id);
    return stored !== undefined && !this.#unsynced.some((each) => each.stored === stored);
  }

  /** What was shown and not on disk is gone. */
  crash(): void {
    this.life += 1;
    for (const { topic, stored } of this.#unsynced) {
      const items = this.topics.get(topic);
      const at = items?.indexOf(stored) ?? -1;
      if (at >= 0) items?.splice(at, 1);
    }
    this.#unsynced = [];
  }

  /** The disk of then, put back by somebody who does not know what that means: the store calls itself the same. */
  rollBack(toMs: number): void {
    this.crash();
    for (const [topic, items] of this.topics) {
      const left = items.filter((each) => each.atMs <= toMs);
      this.topics.set(topic, left);
      this.#given.set(topic, left.at(-1)?.offset ?? 0);
    }
  }

  /** The disk is gone; the store id says so. */
  wipe(store: string): void {
    this.topics.clear();
    this.#given.clear();
    this.#unsynced = [];
    this.store = store;
  }
}

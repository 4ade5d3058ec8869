/**
 * The store as sockets see it. It gives out offsets, shows listeners what came, and hands everything that arrived while
 * the last commit ran to the thread of the database as one wave: one fsync for all of it.
 *
 * It must never answer an append before its wave is on disk, never give an offset twice (also not one that a crash took
 * back), and never show an envelope out of order: a device keeps the highest offset it saw, so what came below it later
 * would be lost to that device.
 */
import { Broken, Fault, Refused } from '../src/wire/fault.ts';
import { type OrgId, orgId, type TopicId } from '../src/wire/id.ts';
import { Afloat, joinPage } from './afloat.ts';
import {
  type Group,
  Groups,
  type Offered,
  Places,
  parcelsOf,
  placeOf,
  type Sent,
  takeDone,
  type Waiting,
  Wave,
} from './batch.ts';
import { StampClock } from './clock.ts';
import { sizeOf } from './file.ts';
import type { RelayLimits } from './limit.ts';
import type { Done, Opened, StoreJob, Totals } from './message.ts';
import type { Meter } from './meter.ts';
import { Offsets } from './offset.ts';
import { packWave } from './pack.ts';
import { Recent } from './recent.ts';
import { Slots } from './slot.ts';
import type { Append, Page, Receipt, Store, StoreListener, StoreStats } from './storage.ts';
import { backUp, StoreThread } from './thread.ts';
import { Trouble } from './trouble.ts';

/** As many appends are shown at once, though more come in the same turn of the event loop. */
const shownTogether = 8;
/** An append of as many bytes is handed over before sockets are written to: they take longer for it than packing does. */
const largeBytes = 128 * 1024;

export interface StorePorts {
  readonly meter: Meter;
  now(): number;
}

/** Opens or makes the database at `path`. Rejects with `Refused('unsupported-version')` for one of a later Muster, with `Broken` if it cannot be opened. */
export async function openStore(path: string, limits: RelayLimits, ports: StorePorts): Promise<Store> {
  const { pageBytes, topicBytes, sweepItems } = limits;
  const job: StoreJob = { path, limits: { pageBytes, topicBytes, sweepItems } };
  const restart: { store?: ThreadedStore } = {};
  const thread = new StoreThread(() => void restart.store?.onThreadEnd());
  try {
    const opened = await thread.ask('open', [job]);
    const store = new ThreadedStore(job, limits, ports, thread, opened);
    restart.store = store;
    if (!opened.isDamaged) await store.reserve();
    return store;
  } catch (cause) {
    await thread.ask('close', []).catch(() => undefined);
    if (cause instanceof Refused && cause.code === 'unsupported-version') throw cause;
    throw new Broken('io', 'the relay database cannot be opened; check the data directory and its disk', { cause });
  }
}

class ThreadedStore implements Store {
  readonly id: Uint8Array;
  readonly #trouble = new Trouble();
  readonly #job: StoreJob;
  readonly #limits: RelayLimits;
  /** A parcel is dropped as a whole, so it is small beside the share of its topic. */
  readonly #parcelBytes: number;
  readonly #meter: Meter;
  readonly #clock: StampClock;
  readonly #slots: Slots;
  readonly #recent = new Recent();
  readonly #places = new Places();
  readonly #listeners: StoreListener[] = [];
  /** Bytes each organisation keeps on disk. */
  readonly #kept: Map<string, number>;
  readonly #afloat = new Afloat();
  readonly #offsets: Offsets;
  #thread: StoreThread;
  #restarts = 1;
  #totals: Totals = { topics: 0, envelopes: 0, bytes: 0 };
  #arrived: Waiting[] = [];
  #missing: Offered[] = [];
  #isTurnComing = false;
  /** Something waits for the disk before it is shown. */
  #hasHidden = false;
  #next = new Wave();
  #running: Promise<void> | undefined;
  #sweepBeforeMs: number | undefined;
  #waitingBytes = 0;
  #waitingCount = 0;
  #isClosed = false;

  constructor(job: StoreJob, limits: RelayLimits, ports: StorePorts, thread: StoreThread, opened: Opened) {
    this.#job = job;
    this.#limits = limits;
    this.#parcelBytes = Math.min(limits.pageBytes, limits.topicBytes / 8);
    this.#meter = ports.meter;
    this.#thread = thread;
    this.id = opened.id;
    this.#slots = new Slots(opened.secret);
    this.#clock = new StampClock(() => ports.now(), opened.newestMs);
    this.#kept = new Map(opened.kept);
    this.#offsets = new Offsets(opened.given);
    if (opened.isDamaged) this.#trouble.note(new Broken('corrupt', 'the relay database is damaged'));
  }

  get trouble(): string | undefined {
    return this.#trouble.text;
  }

  get notice(): string | undefined {
    return this.#clock.notice;
  }

  listen(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  append(append: Append): Promise<readonly Receipt[]> {
    let bytes = 0;
    for (const [, envelope] of append.items) bytes += envelope.length;
    if (this.#trouble.lasting !== undefined) return Promise.reject(this.#trouble.lasting);
    if (this.#isClosed || this.#waitingBytes + bytes > this.#limits.pendingBytes)
      return Promise.reject(new Refused('busy', 'too much is waiting for the disk'));
    this.#waitingBytes += bytes;
    this.#waitingCount += append.items.length;
    return new Promise((resolve, reject) => {
      this.#arrived.push({ append, bytes, receipts: [], missing: [], isOver: false, resolve, reject });
      this.#wake();
      // Whoever listens can read the first while we are at the rest.
      if (bytes >= largeBytes || this.#arrived.length >= shownTogether) this.#take();
      if (bytes >= largeBytes) this.#send();
    });
  }

  async read(org: OrgId, topic: TopicId, after: number): Promise<Page> {
    // What is afloat now and comes on disk before the database looks is in both; what comes later is shown later.
    const afloat = [...this.#afloat.shown(org, topic)];
    const page = await this.#noted(this.#thread.ask('read', [placeOf(org, topic), after]));
    if (page.damagedTo > 0) this.#trouble.note(new Broken('corrupt', 'an envelope is damaged'));
    return joinPage(topic, page, afloat, this.#limits.pageBytes);
  }

  admission(org: OrgId): Promise<Uint8Array | undefined> {
    return this.#thread.ask('admission', [orgId.bytes(org)]);
  }

  async putAdmission(org: OrgId, version: number, list: Uint8Array): Promise<void> {
    await this.#noted(this.#thread.ask('putAdmission', [orgId.bytes(org), version, list]));
  }

  async sweep(nowMs: number): Promise<void> {
    if (this.#trouble.lasting !== undefined || this.#isClosed) return;
    const isDue = this.#sweepBeforeMs !== undefined || this.trouble !== undefined;
    // A clock that jumped ahead would have everything dropped.
    this.#sweepBeforeMs = this.#clock.notice === undefined ? nowMs - this.#limits.ageMs : 0;
    // With the next commit, or, when none came since the last time, with one of its own; in trouble at once, to see.
    if (!isDue) return;
    if (this.trouble !== undefined) this.#next.reserve = this.#offsets.next;
    this.#send();
    await this.#running;
  }

  async stats(): Promise<StoreStats> {
    // In trouble as well somebody asks how the relay is: then it is what was known last.
    this.#totals = await this.#thread.ask('totals', []).catch((fault: unknown) => {
      if (this.trouble === undefined) throw fault;
      return this.#totals;
    });
    const { path } = this.#job;
    return { ...this.#totals, waiting: this.#waitingCount, diskBytes: sizeOf(path) + sizeOf(`${path}-wal`) };
  }

  backup(path: string): Promise<void> {
    return backUp(this.#job.path, path);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#take();
    this.#send();
    while (this.#running !== undefined) await this.#running;
    await this.#thread.ask('close', []).catch(() => undefined);
  }

  /** Sets offsets aside; none can be given before. Never rejects: without a disk the store still reads. */
  async reserve(): Promise<void> {
    this.#next.reserve = this.#offsets.next;
    this.#send();
    await this.#running;
  }

  /** The thread fell over: everything that waits is turned down, and once another one is tried. */
  async onThreadEnd(): Promise<void> {
    this.#trouble.fall();
    if (this.#restarts > 0 && !this.#isClosed) {
      this.#restarts -= 1;
      this.#thread = new StoreThread(() => void this.onThreadEnd());
      try {
        // Offsets go on where they were: what was set aside is still ours, and nobody else has opened the file.
        await this.#thread.ask('open', [this.#job]);
        await this.reserve();
        return;
      } catch {} // said below
    }
    this.#trouble.stop();
    this.#turnDown(this.#next, new Broken('broken', 'the store stopped'));
  }

  /** A call that fails says how the store is. */
  async #noted<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (fault) {
      this.#trouble.note(fault);
      throw fault;
    }
  }

  #wake(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    setImmediate(() => {
      this.#isTurnComing = false;
      this.#take();
      // After the sockets have written: who listens should not wait for the batch to be packed.
      process.nextTick(() => this.#send());
    });
  }

  /** Everything that came gets its offsets, is shown, and waits for the disk. */
  #take(): void {
    const arrived = this.#arrived;
    const missing = this.#missing.filter(({ waiting }) => !waiting.isOver);
    if (arrived.length === 0 && missing.length === 0) return;
    this.#arrived = [];
    this.#missing = [];
    const groups = new Groups(this.#places);
    let fresh = missing.length;
    for (const each of missing) {
      const { append } = each.waiting;
      const topic = append.items[each.index]?.[0];
      if (topic !== undefined) groups.of(append.org, topic).fresh.push(each);
      this.#next.waiting.add(each.waiting);
    }
    for (const waiting of arrived) fresh += this.#sort(waiting, groups);
    let first = this.#offsets.take(fresh);
    this.#next.reserve ??= this.#offsets.wanted;
    if (first === undefined) {
      for (const group of groups) for (const { slot } of group.fresh) this.#recent.delete(slot);
      this.#turnDown(this.#next, new Refused('disk', 'no offsets could be set aside'));
      void this.reserve();
      return;
    }
    const stampMs = this.#clock.stamp();
    for (const group of groups) {
      for (const sent of parcelsOf(group, first, stampMs, this.#parcelBytes)) {
        this.#next.sent.push(sent);
        this.#afloat.add(sent);
        // In trouble nothing is shown that may not be kept: whoever tries again would show it again each time.
        if (this.trouble === undefined) this.#show(sent);
        else this.#hasHidden = true;
      }
      first += group.fresh.length;
      for (const offered of group.asks) this.#next.asks.push({ place: group.place, offered });
    }
  }

  /** Puts the envelopes of an append with what is new or with what is only looked up; answers how many are new. */
  #sort(waiting: Waiting, groups: Groups): number {
    const { append, bytes } = waiting;
    this.#next.waiting.add(waiting);
    // Near the quota everything is looked up first: a repeat takes no space and is never refused.
    const isTight = this.#heldBy(append.org) + bytes > append.quotaBytes;
    let fresh = 0;
    let group: Group | undefined;
    for (const [index, [topic, envelope]] of append.items.entries()) {
      if (group?.topic !== topic) {
        group = groups.of(append.org, topic);
        this.#slots.enter(group.place.topic);
      }
      const slot = this.#slots.slotOf(envelope);
      const isAsk = isTight || this.#recent.has(slot);
      (isAsk ? group.asks : group.fresh).push({ waiting, index, envelope, slot });
      if (isAsk) continue;
      this.#recent.add(slot);
      fresh += 1;
    }
    return fresh;
  }

  #heldBy(org: OrgId): number {
    return (this.#kept.get(org) ?? 0) + this.#afloat.bytesOf(org);
  }

  #show(sent: Sent): void {
    this.#afloat.show(sent);
    this.#tell(sent);
  }

  #tell(sent: Sent): void {
    sent.isShown = true;
    for (const listener of this.#listeners) listener(sent.org, sent.topic, sent.parcel);
  }

  /** Hands the next wave over, unless one is on its way: then it grows until that one is back. */
  #send(): void {
    if (this.#running !== undefined) return;
    const wave = this.#next;
    wave.sweepBeforeMs = this.#sweepBeforeMs;
    if (wave.isEmpty) return;
    this.#sweepBeforeMs = undefined;
    this.#next = new Wave();
    this.#running = this.#carry(wave).finally(() => {
      this.#running = undefined;
      this.#send();
    });
  }

  async #carry(wave: Wave): Promise<void> {
    const startMs = performance.now();
    try {
      const packed = packWave(wave, this.#parcelBytes);
      const done = await this.#thread.ask('batch', [packed], [packed.bytes.buffer, packed.numbers.buffer]);
      this.#meter.committed((performance.now() - startMs) / 1000);
      // A sweep that found nothing old wrote nothing, and says nothing about the disk.
      if (wave.reserve !== undefined || wave.sent.length > 0) this.#trouble.pass();
      if (wave.reserve !== undefined) this.#offsets.set(wave.reserve);
      this.#settle(wave, done);
    } catch (error) {
      const fault = error instanceof Fault ? error : new Broken('broken', 'a commit failed', { cause: error });
      this.#trouble.note(fault);
      // What came meanwhile as well: it would be shown behind what is gone, and most likely goes the same way.
      for (const each of [wave, this.#next]) this.#turnDown(each, fault);
    }
  }

  #settle(wave: Wave, done: Done): void {
    for (const [org, bytes] of done.kept) this.#kept.set(org, bytes);
    for (const sent of wave.sent) this.#afloat.sink(sent);
    const { count, bytes } = takeDone(wave, done);
    if (count > 0) this.#meter.appended(count, bytes);
    // After trouble, in order: what is on disk now, then what came meanwhile.
    if (this.#hasHidden) {
      for (const sent of wave.sent) if (!sent.isShown) this.#tell(sent);
      for (const sent of this.#next.sent) if (!sent.isShown) this.#show(sent);
      this.#hasHidden = false;
    }
    for (const waiting of wave.waiting) this.#answer(waiting);
  }

  #answer(waiting: Waiting): void {
    if (waiting.isOver) return;
    if (waiting.missing.length === 0) {
      this.#end(waiting);
      waiting.resolve(waiting.receipts);
      return;
    }
    // Not there after all: a quota that was near, or a slot that two envelopes share, or it was dropped for its age.
    let bytes = 0;
    for (const { envelope } of waiting.missing) bytes += envelope.length;
    if (this.#heldBy(waiting.append.org) + bytes > waiting.append.quotaBytes) {
      this.#end(waiting);
      waiting.reject(new Refused('quota', 'the organisation has no space left'));
      return;
    }
    this.#missing.push(...waiting.missing);
    waiting.missing = [];
    this.#wake();
  }

  #end(waiting: Waiting): void {
    waiting.isOver = true;
    this.#waitingBytes -= waiting.bytes;
    this.#waitingCount -= waiting.append.items.length;
  }

  #turnDown(wave: Wave, fault: Fault): void {
    for (const sent of wave.sent) {
      this.#afloat.sink(sent);
      for (const { slot } of sent.offered) this.#recent.delete(slot);
    }
    for (const waiting of wave.waiting) {
      if (waiting.isOver) continue;
      this.#end(waiting);
      waiting.reject(fault);
    }
    if (wave === this.#next) this.#next = new Wave();
  }
}

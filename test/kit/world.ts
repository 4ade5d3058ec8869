/**
 * Devices, relays and people in one process with one clock and one seed: the real engine and core, everything
 * around them made up. Frames take time, links go up and down, devices crash and come back from their rows.
 */
import { type MusterList, readList } from '../../src/core/list.ts';
import { checkNext } from '../../src/core/succession.ts';
import { dueAt } from '../../src/engine/agenda.ts';
import { batchesOf } from '../../src/engine/batch.ts';
import type { Command, CommandResult, Effect, Event, World as StepWorld } from '../../src/engine/event.ts';
import { restore } from '../../src/engine/restore.ts';
import type { Self, State } from '../../src/engine/state.ts';
import { step } from '../../src/engine/step.ts';
import type { Step } from '../../src/engine/turn.ts';
import type { Fault } from '../../src/wire/fault.ts';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
  type RelayFrame,
} from '../../src/wire/frame.ts';
import type { RelayId, TopicId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { Heap } from './heap.ts';
import { MemoryVault } from './memoryVault.ts';
import { type Founded, type FoundOptions, foundMuster } from './muster.ts';
import { seeded } from './random.ts';
import { type Stored, WorldRelay } from './worldRelay.ts';

export class WorldDevice {
  readonly self: Self;
  readonly vault = new MemoryVault();
  state: State | undefined;
  readonly links = new Map<RelayId, { generation: number; tails: Set<TopicId>; outMs: number; inMs: number }>();
  readonly raised: string[] = [];
  readonly refused: { code: string; text: string }[] = [];
  readonly results = new Map<number, CommandResult | Fault>();
  /** Its clock minus the world's. */
  clockMs = 0;

  constructor(self: Self) {
    this.self = self;
  }

  get running(): State {
    if (this.state === undefined) throw new Error('this device is off');
    return this.state;
  }
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class World {
  nowMs = 1_800_000_000_000;
  readonly founded: Founded;
  /** Lists that devices took in since, by device. */
  readonly lists = new Map<number, MusterList>();
  readonly relays: readonly WorldRelay[];
  readonly devices: WorldDevice[];
  readonly random: ReturnType<typeof seeded>;
  /** Longest time a frame takes. */
  delayMs = 40;
  /** What a relay makes of a frame before it sends it: nothing, another, several. */
  tamper: ((relay: WorldRelay, device: WorldDevice, frame: RelayFrame) => readonly RelayFrame[]) | undefined;
  /** True: the device dies once the rows of this step are on disk, before anything of it is sent or shown. */
  diesAfterWrite: ((device: WorldDevice) => boolean) | undefined;
  /** True: the device dies in the middle of writing the rows of this step, and the disk has none of them. */
  diesInWrite: ((device: WorldDevice) => boolean) | undefined;
  /** The engine. Another takes its place where it is to be shown that a mistake in it is found. */
  engine: { readonly step: typeof step; readonly restore: typeof restore } = { step, restore };
  /** What a device makes of a list it is handed. */
  checkNext: typeof checkNext = checkNext;
  /** Sees every step that happened: one in whose write the device died has not. */
  onStep: ((device: WorldDevice, state: State, event: Event, args: StepWorld, made: Step) => void) | undefined;
  /** Who cannot reach whom. */
  readonly cut = new Set<string>();
  readonly #due = new Map<WorldDevice, { readonly state: State; readonly atMs: number | undefined }>();
  readonly #queue = new Heap<Due>();
  #order = 0;
  #commands = 0;
  #generation = 0;

  constructor(seed: number, options: FoundOptions = {}) {
    this.random = seeded(seed);
    this.founded = foundMuster(this.random, { nowMs: this.nowMs, ...options });
    this.relays = this.founded.list.relays.map((relay) => new WorldRelay(relay.id));
    this.devices = this.founded.selves.map((self) => new WorldDevice(self));
  }

  device(i: number): WorldDevice {
    const device = this.devices[i];
    if (device === undefined) throw new Error(`there is no device ${i}`);
    return device;
  }

  relay(i: number): WorldRelay {
    const relay = this.relays[i];
    if (relay === undefined) throw new Error(`there is no relay ${i}`);
    return relay;
  }

  at(delayMs: number, run: () => void): void {
    this.#queue.push({ atMs: this.nowMs + delayMs, order: this.#order++, run });
  }

  /** Switches a device on from what its vault holds. */
  start(...indexes: readonly number[]): void {
    for (const i of indexes) {
      const device = this.device(i);
      const { state, rows } = this.engine.restore(device.self, this.listOf(i), device.vault.load(), (room) =>
        device.vault.entriesOf(room),
      );
      device.vault.apply(rows);
      device.state = state;
      this.#feed(device, { type: 'start' });
      for (const relay of this.relays) this.connect(device, relay);
    }
  }

  startAll(): void {
    this.start(...this.devices.keys());
  }

  /** The device is gone at once; what it had written is still there. */
  crash(i: number): void {
    const device = this.device(i);
    device.state = undefined;
    device.links.clear();
  }

  connect(device: WorldDevice, relay: WorldRelay): void {
    const isApart = this.cut.has(`${device.self.device} ${relay.id}`);
    if (device.state === undefined || !relay.up || isApart || device.links.has(relay.id)) return;
    this.#generation += 1;
    device.links.set(relay.id, { generation: this.#generation, tails: new Set(), outMs: 0, inMs: 0 });
    this.#feed(device, { type: 'link-up', relay: relay.id, store: relay.store, offsetMs: 3 - device.clockMs });
  }

  disconnect(device: WorldDevice, relay: WorldRelay): void {
    if (!device.links.delete(relay.id) || device.state === undefined) return;
    this.#feed(device, { type: 'link-down', relay: relay.id, text: 'the relay is gone' });
  }

  stopRelay(i: number): void {
    const relay = this.relay(i);
    relay.up = false;
    relay.crash();
    for (const device of this.devices) this.disconnect(device, relay);
  }

  startRelay(i: number): void {
    const relay = this.relay(i);
    relay.up = true;
    for (const device of this.devices) this.connect(device, relay);
  }

  /** The relay is back with an empty disk, and says so by another store id. */
  loseDisk(i: number): void {
    this.stopRelay(i);
    this.relay(i).wipe(Buffer.from(this.random(16)).toString('hex'));
    this.startRelay(i);
  }

  /** A network that has fallen apart between one device and one relay. */
  part(i: number, r: number): void {
    this.cut.add(`${this.device(i).self.device} ${this.relay(r).id}`);
    this.disconnect(this.device(i), this.relay(r));
  }

  heal(): void {
    this.cut.clear();
    for (const device of this.devices) for (const relay of this.relays) this.connect(device, relay);
  }

  /**
   * Every device that the list names goes on under it, as after installing it; the others stay as they are. Throws as
   * `checkNext` does, for a list that none of them may go on under.
   */
  takeList(bytes: Uint8Array, ...indexes: readonly number[]): void {
    const list = readList(bytes, this.founded.list.org);
    for (const i of indexes.length > 0 ? indexes : this.devices.keys()) {
      if (!list.devices.has(this.device(i).self.device)) continue;
      if (list.id !== this.listOf(i).id) this.checkNext(this.listOf(i), list);
      this.lists.set(i, list);
      const isOn = this.device(i).state !== undefined;
      this.crash(i);
      if (isOn) this.start(i);
    }
  }

  /** The list a device holds. */
  listOf(i: number): MusterList {
    return this.lists.get(i) ?? this.founded.list;
  }

  /** A frame of a relay that nobody asked for, straight to a device. */
  hand(i: number, r: number, frame: RelayFrame): void {
    this.#feed(this.device(i), { type: 'frame', relay: this.relay(r).id, frame });
  }

  /** Everything that one device keeps, carried to another by hand; or what it keeps of a time. */
  carry(from: number, to: number, sinceMs = 0): void {
    this.#feed(this.device(from), { type: 'pack', id: 0 });
    const all = [...this.device(from).vault.shelf.values()].filter(({ atMs, isOwed }) => isOwed || atMs >= sinceMs);
    const items = all.map(({ envelope }) => [envelope.topic, envelope.bytes] as const);
    for (const page of batchesOf(items, () => 0, { items: limit.itemsPerAppend, bytes: 1 }))
      this.#feed(this.device(to), { type: 'bring', id: 0, items: page });
  }

  command(i: number, command: Command): number {
    this.#commands += 1;
    this.#feed(this.device(i), { type: 'command', id: this.#commands, command });
    return this.#commands;
  }

  result(i: number, id: number): CommandResult {
    const result = this.device(i).results.get(id);
    if (result === undefined || result instanceof Error) throw result ?? new Error('not answered');
    return result;
  }

  /** Lets time pass, event by event. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (let guard = 0; guard < 500_000; guard++) {
      const next = this.#queue.peek();
      const tick = this.#nextTick();
      const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, tick?.atMs ?? Number.POSITIVE_INFINITY);
      if (atMs > endMs) {
        this.nowMs = endMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, atMs);
      if (next?.atMs === atMs) this.#queue.pop()?.run();
      else if (tick !== undefined) this.#feed(tick.device, { type: 'tick' });
    }
    throw new Error('the world does not come to rest');
  }

  /** The device that is due first. What came to it at the same time it has seen before. */
  #nextTick(): { readonly device: WorldDevice; readonly atMs: number } | undefined {
    let first: { device: WorldDevice; atMs: number } | undefined;
    for (const device of this.devices) {
      const dueMs = this.#dueOf(device);
      if (dueMs === undefined) continue;
      const atMs = Math.max(dueMs - device.clockMs, this.nowMs);
      if (first === undefined || atMs < first.atMs) first = { device, atMs };
    }
    return first;
  }

  /** As a device that is really there asks for it: once after each step. */
  #dueOf(device: WorldDevice): number | undefined {
    if (device.state === undefined) return undefined;
    const known = this.#due.get(device);
    if (known?.state === device.state) return known.atMs;
    const atMs = dueAt(device.state, this.nowMs + device.clockMs);
    this.#due.set(device, { state: device.state, atMs });
    return atMs;
  }

  #feed(device: WorldDevice, event: Event): void {
    const before = device.running;
    this.#due.delete(device);
    const args = { nowMs: this.nowMs + device.clockMs, random: this.random };
    const made = this.engine.step(before, event, args);
    if (made.effects[0]?.type === 'write' && this.diesInWrite?.(device) === true) {
      this.crash(this.devices.indexOf(device));
      return;
    }
    this.onStep?.(device, before, event, args, made);
    for (const effect of made.effects) if (effect.type === 'write') device.vault.apply(effect.rows);
    if (this.diesAfterWrite?.(device) === true) {
      this.crash(this.devices.indexOf(device));
      return;
    }
    device.state = made.state;
    for (const effect of made.effects) this.#carryOut(device, effect);
  }

  #carryOut(device: WorldDevice, effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.#send(device, effect.relay, effect.frame);
        return;
      case 'raise':
        device.raised.push(effect.drill);
        return;
      case 'refused':
        device.refused.push(effect);
        return;
      case 'done':
        device.results.set(effect.id, effect.result);
        return;
      case 'failed':
        device.results.set(effect.id, effect.fault);
        return;
      case 'forget':
        for (const secret of effect.secrets) secret.wipe();
        return;
      case 'read':
        this.at(0, () => {
          if (device.state !== undefined)
            this.#feed(device, { type: 'read', reading: effect.reading, entries: device.vault.read(effect.reading) });
        });
        return;
      case 'read-shelf':
        this.at(0, () => {
          if (device.state !== undefined)
            this.#feed(device, {
              type: 'shelf',
              reading: effect.reading,
              page: device.vault.shelfPage(effect.reading),
            });
        });
        return;
      case 'count-files':
        this.at(0, () => {
          if (device.state !== undefined) this.#feed(device, { type: 'counted', fileBytes: device.vault.fileBytes });
        });
        return;
      case 'write':
      case 'changed':
      case 'carried':
        return;
      default:
        effect satisfies never;
    }
  }

  #delay(): number {
    return 1 + Math.floor(this.random.next() * this.delayMs);
  }

  #send(device: WorldDevice, relayId: RelayId, frame: ClientFrame): void {
    const relay = this.relays.find((each) => each.id === relayId);
    const link = device.links.get(relayId);
    if (relay === undefined || link === undefined) return;
    const bytes = encodeClientFrame(frame);
    relay.crossed.push(bytes);
    relay.sent.push(frame);
    link.outMs = Math.max(link.outMs, this.nowMs + this.#delay());
    this.at(link.outMs - this.nowMs, () => {
      if (relay.up && device.links.get(relayId)?.generation === link.generation)
        this.#serve(relay, device, decodeClientFrame(bytes));
    });
  }

  #reply(relay: WorldRelay, device: WorldDevice, frame: RelayFrame): void {
    for (const each of this.tamper?.(relay, device, frame) ?? [frame]) this.#post(relay, device, each);
  }

  #post(relay: WorldRelay, device: WorldDevice, frame: RelayFrame): void {
    const link = device.links.get(relay.id);
    if (link === undefined) return;
    const bytes = encodeRelayFrame(frame);
    relay.crossed.push(bytes);
    const delay = this.#delay();
    if (!relay.reorders) link.inMs = Math.max(link.inMs, this.nowMs + delay);
    this.at(relay.reorders ? delay : link.inMs - this.nowMs, () => {
      if (device.state !== undefined && device.links.get(relay.id)?.generation === link.generation) {
        this.#feed(device, { type: 'frame', relay: relay.id, frame: decodeRelayFrame(bytes) });
      }
    });
  }

  #listeners(relay: WorldRelay, topic: TopicId): readonly WorldDevice[] {
    return this.devices.filter((device) => device.state !== undefined && device.links.get(relay.id)?.tails.has(topic));
  }

  #serve(relay: WorldRelay, device: WorldDevice, frame: ClientFrame): void {
    if (frame.type === 'append') {
      const stored = frame.items.map(([topic, bytes]) => this.#store(relay, topic, bytes));
      const receipts = stored.map(({ offset, atMs }) => [offset, atMs] as const);
      const link = device.links.get(relay.id);
      this.#whenSynced(relay, () => {
        if (device.links.get(relay.id) === link)
          this.#reply(relay, device, { type: 'appended', ref: frame.ref, receipts });
      });
    } else if (frame.type === 'tail') {
      const stored = relay.after(frame.topic, frame.from);
      device.links.get(relay.id)?.tails.add(frame.topic);
      const items = stored.map((each) => [each.offset, each.atMs, each.bytes] as const);
      const bound = { items: limit.itemsPerDelivery, bytes: limit.frameBytes / 2 };
      for (const page of batchesOf(items, ([, , bytes]) => bytes.length, bound))
        this.#reply(relay, device, { type: 'deliver', topic: frame.topic, items: page });
      const upTo = relay.topics.get(frame.topic)?.at(-1)?.offset ?? 0;
      this.#reply(relay, device, { type: 'live', topic: frame.topic, upTo });
    } else if (frame.type === 'untail') {
      device.links.get(relay.id)?.tails.delete(frame.topic);
    } else if (frame.type === 'cast') {
      for (const listener of this.#listeners(relay, frame.topic)) {
        if (listener !== device) this.#reply(relay, listener, { type: 'cast', topic: frame.topic, bytes: frame.bytes });
      }
    }
  }

  #store(relay: WorldRelay, topic: TopicId, bytes: Uint8Array): Stored {
    const { stored, isNew } = relay.put(topic, bytes, this.nowMs);
    if (isNew)
      for (const listener of this.#listeners(relay, topic))
        this.#reply(relay, listener, { type: 'deliver', topic, items: [[stored.offset, this.nowMs, bytes]] });
    return stored;
  }

  /** Never, if the relay dies before. */
  #whenSynced(relay: WorldRelay, run: () => void): void {
    const { life, puts } = relay;
    if (relay.syncMs === 0) {
      relay.sync(puts);
      run();
      return;
    }
    if (relay.answersEarly) run();
    this.at(relay.syncMs, () => {
      if (relay.life !== life) return;
      relay.sync(puts);
      if (!relay.answersEarly) run();
    });
  }
}

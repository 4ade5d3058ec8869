/**
 * One running device: the only place where engine, vault and links meet. Events go in one at a time; what came in one
 * turn of the loop is one transaction (three relays deliver the same entry three times, and an fsync costs more than
 * all of it); rows are on disk before anything of their steps is sent, answered or shown; steps whose rows the disk
 * refuses have not happened. It decides nothing: that is the engine's.
 */

import type { Bundle } from '../core/bundle.ts';
import type { DrillId, RoomId } from '../core/id.ts';
import { dueAt } from '../engine/agenda.ts';
import type { Looked } from '../engine/ahead.ts';
import type { Command, CommandResult, Effect, Event, Reading } from '../engine/event.ts';
import { appendBound } from '../engine/outbox.ts';
import { restore } from '../engine/restore.ts';
import type { Self, State } from '../engine/state.ts';
import { step } from '../engine/step.ts';
import { type ProxySetting, usualProxySetting } from '../link/proxy.ts';
import { encodeProxySetting, readProxySetting } from '../link/setting.ts';
import type { Keyring } from '../vault/keyring.ts';
import type { Vault } from '../vault/vault.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault, Fault } from '../wire/fault.ts';
import type { RelayId, TopicId } from '../wire/id.ts';
import { Lookout } from './lookout.ts';
import { watchMachine } from './machine.ts';
import type { Ports } from './port.ts';
import { appVersion } from './version.ts';
import { Wires } from './wires.ts';

export interface Change {
  readonly home: boolean;
  readonly alarm: boolean;
  readonly rooms: readonly RoomId[];
}

export interface Watcher {
  changed?(change: Change): void;
  /** A person must look now. */
  raised?(drill: DrillId): void;
}

/** Longest a timer may wait: setTimeout overflows at 24.8 days, and a laptop that slept should look again soon. */
const longestWaitMs = 60_000;
/** After the disk refused a step that nobody waits for. */
const retryDiskMs = 2_000;

/** What happened, and what was seen of it before its step. */
interface Queued {
  readonly event: Event;
  readonly ahead?: Looked;
}

/** Nobody says it again, where the disk refused what follows from it: it waits for the disk. */
const isSaidOnce = ({ type }: Event): boolean => ['start', 'read', 'shelf', 'counted'].includes(type);

export class Responder {
  readonly vault: Vault;
  readonly bundle: Bundle;
  readonly #ports: Ports;
  readonly #watchers = new Set<Watcher>();
  readonly #wires: Wires;
  readonly #replies = new Map<number, { resolve(result: CommandResult): void; reject(fault: unknown): void }>();
  readonly #carried = new Map<number, { resolve(): void; reject(fault: unknown): void }>();
  #state: State;
  #proxy: ProxySetting;
  #commands = 0;
  #queue: Queued[] = [];
  #isAsked = false;
  readonly #lookout: Lookout;
  #cancelTimer: (() => void) | undefined;
  #endWatch: (() => void) | undefined;
  #isOver = false;

  constructor(vault: Vault, ring: Keyring, bundle: Bundle, ports: Ports) {
    this.vault = vault;
    this.bundle = bundle;
    this.#ports = ports;
    this.#wires = new Wires(ports);
    this.#proxy = ports.proxy ?? this.keptProxy;
    this.#lookout = new Lookout(ports, {
      state: () => this.#state,
      release: (event, ahead) => this.#take(event, ahead),
    });
    const own = bundle.list.devices.get(ring.device.id);
    if (own === undefined)
      throw new CallerFault('not-allowed', 'The muster list does not name this device. Ask a custodian to add it.');
    const self: Self = {
      device: own.id,
      member: own.member,
      keys: ring.keys,
      prekeys: ring.prekeys,
      app: appVersion,
      factor: 'passphrase',
      ...(vault.hidesReading() ? { hidesReading: true } : {}),
    };
    const { state, rows } = restore(self, bundle.list, vault.load(), (room) => vault.entriesOf(room));
    vault.apply(rows);
    vault.forgetFirstPrekeys();
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** It was closed: nothing of it may be used any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get nowMs(): number {
    return this.#ports.now();
  }

  /** Begins to connect. Everything after this comes by events. */
  start(): void {
    this.#wires.start(this.bundle, this.#state.self.keys, this.#proxy, (said) => this.#lookout.take(said));
    this.#endWatch = watchMachine(this.#ports, { onJump: () => this.renew(), onNetwork: () => this.wake() });
    this.#take({ type: 'start' });
  }

  /** Rejects with a Fault. When it resolves the entry is on this device's disk; who else has it, the view says. */
  command(command: Command): Promise<CommandResult> {
    if (this.#isOver) return Promise.reject(new CallerFault('locked', 'This device is locked.'));
    this.#commands += 1;
    const id = this.#commands;
    return new Promise((resolve, reject) => {
      this.#replies.set(id, { resolve, reject });
      this.#take({ type: 'command', id, command });
    });
  }

  /** Takes in envelopes that somebody carried here. Rejects with a Fault. When it resolves they are on disk. */
  bring(items: readonly (readonly [TopicId, Bytes])[]): Promise<void> {
    return this.#carry((id) => ({ type: 'bring', id, items }));
  }

  /** Makes ready what waits for a relay, to be carried away from the shelf instead. Rejects with a Fault. */
  pack(): Promise<void> {
    return this.#carry((id) => ({ type: 'pack', id }));
  }

  #carry(eventOf: (id: number) => Event): Promise<void> {
    if (this.#isOver) return Promise.reject(new CallerFault('locked', 'This device is locked.'));
    this.#commands += 1;
    const id = this.#commands;
    return new Promise((resolve, reject) => {
      this.#carried.set(id, { resolve, reject });
      this.#take(eventOf(id));
    });
  }

  /** Returns the function that ends the watching. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The network changed, or may have. */
  wake(): void {
    this.#wires.wake();
    this.#take({ type: 'tick' });
  }

  /** The machine slept, or its clock was set: connections are dead, offsets wrong, and things may be due. */
  renew(): void {
    this.#wires.renew();
    this.#take({ type: 'tick' });
  }

  /** What to do about proxies as it is kept. Throws `Broken('corrupt')`. */
  get keptProxy(): ProxySetting {
    const kept = this.vault.readProxy();
    return kept === undefined ? usualProxySetting : readProxySetting(kept);
  }

  /** The same as it counts in this run. */
  get proxy(): ProxySetting {
    return this.#proxy;
  }

  /** Kept before it counts. It counts at once, unless an option or a variable of this run says otherwise. */
  setProxy(setting: ProxySetting): void {
    this.vault.putProxy(encodeProxySetting(setting));
    if (this.#ports.proxy !== undefined) return;
    this.#proxy = setting;
    this.#wires.goBy(setting);
  }

  /** Whether rooms are told what is read here, from now on. */
  tellReading(tells: boolean): void {
    this.vault.putHidesReading(!tells);
    this.#state = { ...this.#state, self: { ...this.#state.self, hidesReading: !tells } };
    this.#take({ type: 'tick' });
  }

  /** Ends links and closes the vault. What was not sent goes out when the device is next opened. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#endWatch?.();
    this.#lookout.close();
    this.#wires.close();
    for (const reply of [...this.#replies.values(), ...this.#carried.values()])
      reply.reject(new CallerFault('locked', 'This device was locked meanwhile.'));
    this.vault.close();
  }

  #take(event: Event, ahead?: Looked): void {
    if (this.#isOver) return;
    this.#queue.push(ahead === undefined ? { event } : { event, ahead });
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#ports.soon(() => this.#work());
  }

  /** Everything that waits: steps, then one transaction, then what follows from them. */
  #work(): void {
    this.#isAsked = false;
    if (this.#isOver) return;
    const queued = this.#queue;
    this.#queue = [];
    let state = this.#state;
    const effects: Effect[] = [];
    const done: Event[] = [];
    const broken = new Set<RelayId>();
    let waitMs = 0;
    for (const { event, ...args } of queued) {
      // What this relay says after the frame that failed would move the cursor past it.
      if ((event.type === 'frame' || event.type === 'link-up') && broken.has(event.relay)) continue;
      try {
        const next = step(state, event, { nowMs: this.#ports.now(), random: this.#ports.random, ...args });
        state = next.state;
        effects.push(...next.effects);
        done.push(event);
      } catch (error) {
        if (event.type === 'frame' || event.type === 'link-up') broken.add(event.relay);
        this.#failed(error, [event]);
        waitMs = retryDiskMs; // what is due may be what failed: not again at once, for ever
      }
    }
    const rows = effects.flatMap((effect) => (effect.type === 'write' ? effect.rows : []));
    try {
      if (rows.length > 0) this.vault.apply(rows);
    } catch (error) {
      if (error instanceof Broken && error.code === 'io')
        this.#queue = done.filter(isSaidOnce).map((event) => ({ event }));
      this.#failed(error, done);
      return;
    }
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#tell(effects);
    this.#schedule(waitMs);
  }

  /** One change for all that changed: a window reads again once. */
  #tell(effects: readonly Effect[]): void {
    const changes = effects.filter((effect) => effect.type === 'changed');
    if (changes.length === 0) return;
    const change = {
      home: changes.some((each) => each.home),
      alarm: changes.some((each) => each.alarm),
      rooms: [...new Set(changes.flatMap((each) => each.rooms))],
    };
    for (const watcher of this.#watchers) watcher.changed?.(change);
  }

  /**
   * Events that have not happened, because their step or its rows failed. Who asked is told; a relay must say it
   * again, so its link is begun anew at once, before a later frame moves the cursor past what was lost.
   */
  #failed(error: unknown, events: readonly Event[]): void {
    const fault = this.#note(error);
    const relays = new Set<RelayId>();
    for (const event of events) {
      if (event.type === 'frame' || event.type === 'link-up') relays.add(event.relay);
      if (!('id' in event)) continue;
      for (const waiting of [this.#replies, this.#carried]) {
        waiting.get(event.id)?.reject(fault);
        waiting.delete(event.id);
      }
    }
    for (const relay of relays) {
      this.#lookout.drop(relay);
      this.#wires.restart(relay);
    }
    this.#schedule(retryDiskMs);
  }

  #note(error: unknown): Fault {
    const fault =
      error instanceof Fault ? error : new Broken('broken', 'a step of the engine failed', { cause: error });
    this.#ports.log({ code: fault.code, text: fault.message });
    return fault;
  }

  #schedule(atLeastMs = 0): void {
    this.#cancelTimer?.();
    if (this.#isOver) return;
    const nowMs = this.#ports.now();
    const due = dueAt(this.#state, nowMs) ?? Number.POSITIVE_INFINITY;
    const waitMs = Math.max(atLeastMs, Math.min(longestWaitMs, Math.max(0, due - nowMs)));
    this.#cancelTimer = this.#ports.setTimer(waitMs, () => this.#take({ type: 'tick' }));
  }

  /** The engine asks its disk once. A disk that cannot be read just then is asked again, and nothing else is held up by it. */
  #ask(read: () => Event): void {
    if (this.#isOver) return;
    try {
      this.#take(read());
    } catch (error) {
      this.#note(error);
      this.#ports.setTimer(retryDiskMs, () => this.#ask(read));
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'write':
      case 'changed':
        return;
      case 'send':
        this.#wires.send(effect.relay, effect.frame);
        return;
      case 'done':
        this.#replies.get(effect.id)?.resolve(effect.result);
        this.#replies.delete(effect.id);
        return;
      case 'failed':
        this.#replies.get(effect.id)?.reject(effect.fault);
        this.#replies.delete(effect.id);
        return;
      case 'raise':
        for (const watcher of this.#watchers) watcher.raised?.(effect.drill);
        return;
      case 'forget':
        for (const secret of effect.secrets) secret.wipe();
        return;
      case 'read':
        this.#ask(() => ({ type: 'read', reading: effect.reading, entries: this.#read(effect.reading) }));
        return;
      case 'read-shelf':
        this.#ask(() => ({
          type: 'shelf',
          reading: effect.reading,
          page: this.vault.shelfPage(effect.reading, appendBound),
        }));
        return;
      case 'count-files':
        this.#ask(() => ({ type: 'counted', fileBytes: this.vault.fileBytes() }));
        return;
      case 'carried':
        this.#carried.get(effect.id)?.resolve();
        this.#carried.delete(effect.id);
        return;
      case 'refused':
        this.#ports.log({ code: effect.code, text: effect.text });
        return;
      default:
        effect satisfies never;
    }
  }

  #read(reading: Reading): readonly Bytes[] {
    if (reading.for === 'index') return this.vault.chunksOf(reading.file, 0, 1);
    if (reading.for === 'carry') return this.vault.chunksOf(reading.file, reading.from, reading.count);
    if (reading.for === 'expire') return this.vault.oldOf(reading.room, reading);
    if (reading.for === 'reseal') return this.vault.entryOf(reading.room, reading.entry);
    return this.vault.spanOf(reading.room, reading.device, reading.span.from, reading.span.to);
  }
}

/**
 * What has to hold at every step (README.md). Cheap: each step looks only at what came in it. Whoever finds something wrong
 * throws `Wrong`: what comes after the first mistake says little.
 */
import { createHash } from 'node:crypto';
import { readBody } from '../../src/core/body.ts';
import type { DeviceId, RoomId } from '../../src/core/id.ts';
import { isRunning } from '../../src/engine/drill.ts';
import type { Command, Event } from '../../src/engine/event.ts';
import type { RowOf } from '../../src/engine/row.ts';
import type { State } from '../../src/engine/state.ts';
import type { Step } from '../../src/engine/turn.ts';
import type { EnvelopeId, RelayId, TopicId } from '../../src/wire/id.ts';
import type { World, WorldDevice } from '../kit/world.ts';
import type { WorldRelay } from '../kit/worldRelay.ts';
import { planted } from './act.ts';

export class Wrong extends Error {}

export class Watch {
  readonly #world: World;
  readonly #isHonestRelay: (relay: RelayId) => boolean;
  readonly #isHonest: (device: WorldDevice) => boolean;
  readonly #hash = createHash('sha256');
  /** Where the envelopes belong that devices made or kept. */
  readonly #topics = new Map<EnvelopeId, TopicId>();
  /** Envelopes that devices believe an honest relay to have on its disk. */
  readonly #claims = new Map<RelayId, Map<EnvelopeId, WorldDevice>>();
  /** How much of each feed each device ever had on its disk. */
  readonly #counts = new Map<string, number>();
  /** Places that people had on their screens, by device, and those of prekeys, which nobody has to read. */
  readonly #seen = new Set<string>();
  readonly #passed = new Set<string>();
  readonly #raised = new Map<WorldDevice, Set<string>>();
  readonly #versions = new Map<WorldDevice, number>();
  readonly #read = new Map<WorldRelay, number>();
  readonly #marker = Buffer.from(planted);

  constructor(world: World, bad: ReadonlySet<RelayId>, spoilt: ReadonlySet<WorldDevice>) {
    this.#world = world;
    this.#isHonestRelay = (relay) => !bad.has(relay);
    this.#isHonest = (device) => !spoilt.has(device);
    const before = world.onStep;
    world.onStep = (device, state, event, args, made) => {
      before?.(device, state, event, args, made);
      this.#step(device, event, args.nowMs, made);
    };
  }

  /** Of all that crossed a relay and all that was done until now. */
  digest(picture: string): string {
    this.#readRelays();
    return this.#hash.copy().update(picture).digest('hex');
  }

  #step(device: WorldDevice, event: Event, nowMs: number, made: Step): void {
    this.#hash.update(`${this.#world.devices.indexOf(device)} ${event.type} ${nowMs}\n`);
    this.#readRelays();
    this.#checkList(device, made.state);
    if (event.type === 'command' && event.command.type === 'read') this.#noteSeen(device, event.command);
    for (const effect of made.effects) {
      if (effect.type === 'raise') this.#raisedBy(device, event).add(effect.drill);
      if (effect.type !== 'write') continue;
      for (const row of effect.rows) {
        if (row.type === 'parcel') this.#topics.set(row.parcel.id, row.parcel.topic);
        else if (row.type === 'shelve') this.#topics.set(row.id, row.topic);
        else if (row.type === 'entry') this.#noteEntry(device, row);
        else if (row.type === 'at' && row.isHeld) this.#checkHeld(device, row);
        else if (row.type === 'have') this.#checkHave(device, row);
        else if (row.type === 'read') this.#checkRead(device, row);
      }
    }
    this.#checkAlarm(device, event, nowMs, made.state);
  }

  #readRelays(): void {
    for (const relay of this.#world.relays) {
      const from = this.#read.get(relay) ?? 0;
      for (const bytes of relay.crossed.slice(from)) {
        this.#hash.update(bytes);
        if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(this.#marker))
          throw new Wrong('a relay sees what a person wrote');
      }
      this.#read.set(relay, relay.crossed.length);
    }
  }

  #nameOf = (device: WorldDevice): number => this.#world.devices.indexOf(device);

  #checkList(device: WorldDevice, { list }: State): void {
    const before = this.#versions.get(device) ?? 0;
    if (list.version < before)
      throw new Wrong(`${this.#nameOf(device)} went back from list ${before} to ${list.version}`);
    this.#versions.set(device, list.version);
  }

  #noteEntry(device: WorldDevice, { entry }: RowOf<'entry'>): void {
    const key = keyOf(device.self.device, entry.room, entry.device);
    this.#counts.set(key, Math.max(entry.seq + 1, this.#counts.get(key) ?? 0));
    if (readBody(entry.body)?.type === 'prekey') this.#passed.add(`${entry.room} ${entry.device} ${entry.seq}`);
  }

  #checkHeld(device: WorldDevice, { id, relay }: RowOf<'at'>): void {
    if (!this.#isHonestRelay(relay) || !this.#isHonest(device)) return;
    const claims = this.#claims.get(relay) ?? new Map<EnvelopeId, WorldDevice>();
    this.#claims.set(relay, claims.set(id, device));
    this.#checkClaim(relay, id, device);
  }

  #checkClaim(relayId: RelayId, id: EnvelopeId, device: WorldDevice): void {
    const relay = this.#world.relays.find((each) => each.id === relayId);
    const topic = this.#topics.get(id);
    if (topic === undefined || relay?.hasOnDisk(topic, id) !== true)
      throw new Wrong(
        `${this.#nameOf(device)} says that relay ${this.#relayName(relayId)} holds an envelope, and its disk does not have it`,
      );
  }

  /** Of every relay to which nothing worse than a crash happened: what it was believed to have, it has. */
  checkClaims(): void {
    for (const [relay, claims] of this.#claims) for (const [id, device] of claims) this.#checkClaim(relay, id, device);
  }

  #relayName = (id: RelayId): number => this.#world.relays.findIndex((relay) => relay.id === id);

  #checkHave(device: WorldDevice, { room, device: other, holding }: RowOf<'have'>): void {
    const holder = this.#world.devices.find(({ self }) => self.device === other);
    if (holder === undefined || !this.#isHonest(holder) || !this.#isHonest(device)) return;
    for (const [author, { to }] of holding)
      if (to > (this.#counts.get(keyOf(other, room, author)) ?? 0))
        throw new Wrong(
          `${this.#nameOf(device)} says that ${this.#nameOf(holder)} holds ${to} entries of a feed of which it never had so many`,
        );
  }

  #noteSeen({ self }: WorldDevice, { room, places }: Command & { readonly type: 'read' }): void {
    for (const [author, seq] of places) this.#seen.add(`${keyOf(self.device, room, author)} ${seq}`);
  }

  /** Also of devices that were copied or put back: by what was in front of any of them. */
  #checkRead(device: WorldDevice, { room, device: reader, places }: RowOf<'read'>): void {
    for (const [author, spans] of places)
      for (const { from, to } of author === reader ? [] : spans)
        for (let seq = from; seq < to; seq++)
          if (!this.#seen.has(`${keyOf(reader, room, author)} ${seq}`) && !this.#passed.has(`${room} ${author} ${seq}`))
            throw new Wrong(`${this.#nameOf(device)} says that somebody has read what was not in front of them`);
  }

  #raisedBy(device: WorldDevice, event: Event): Set<string> {
    const known = event.type === 'start' ? undefined : this.#raised.get(device);
    const raised = known ?? new Set<string>();
    this.#raised.set(device, raised);
    return raised;
  }

  /** Of two copies the one that comes second finds that it has raised already. */
  #checkAlarm(device: WorldDevice, event: Event, nowMs: number, state: State): void {
    if (!this.#isHonest(device)) return;
    if (event.type === 'start' && !this.#raised.has(device)) this.#raised.set(device, new Set());
    for (const drill of state.drills.values())
      if (
        isRunning(drill, nowMs) &&
        !drill.answers.has(state.self.member) &&
        !this.#raised.get(device)?.has(drill.plan.id)
      )
        throw new Wrong(`a drill is on, and ${this.#nameOf(device)} has not raised it since it was started`);
  }
}

const keyOf = (holder: DeviceId, room: RoomId, author: DeviceId): string => `${holder} ${room} ${author}`;

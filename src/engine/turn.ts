/**
 * One step being made: the next state, the rows to write and what to do after. The state it starts from is never
 * changed; everything here replaces.
 */

import type { DrillId, RoomId } from '../core/id.ts';
import type { Random } from '../core/key.ts';
import type { Secret } from '../core/secret.ts';
import { Broken, PeerFault } from '../wire/fault.ts';
import type { RelayId } from '../wire/id.ts';
import { type Looked, noneAhead } from './ahead.ts';
import type { Effect, World } from './event.ts';
import type { Parcel, Row } from './row.ts';
import type { DrillState, RelayState, RoomState, State } from './state.ts';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export class Turn {
  state: State;
  readonly nowMs: number;
  readonly random: Random;
  readonly ahead: Looked;
  /** Parcels made in this step, still to be offered to the relays that are up. */
  readonly posted: Parcel[] = [];
  /** Rooms with operations that are noted and not judged yet: many that come together are judged once. */
  readonly unjudged = new Set<RoomId>();
  /** An epoch or an entry came: what is parked may be readable now. */
  unlocked = false;
  /** This step did something that takes long. */
  didLong = false;
  readonly #rows: Row[] = [];
  readonly #effects: Effect[] = [];
  readonly #forgotten: Secret[] = [];
  readonly #changedRooms = new Set<RoomId>();
  readonly #movedHeads = new Set<RoomId>();
  readonly #movedReads = new Set<RoomId>();
  /** Maps that this step made. */
  readonly #own = new WeakSet<object>();
  #home = false;
  #alarm = false;

  constructor(state: State, world: World) {
    this.state = state;
    this.nowMs = world.nowMs;
    this.random = world.random;
    this.ahead = world.ahead ?? noneAhead;
  }

  /** A map with this key, or another value for it. One that this step made is changed in place: nobody else has seen it. */
  put<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
    return this.#ownOf(map).set(key, value);
  }

  /** As `put`, without this key. */
  drop<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
    if (!map.has(key)) return map;
    const own = this.#ownOf(map);
    own.delete(key);
    return own;
  }

  /** As `put`, for a set. */
  include<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
    if (set instanceof Set && this.#own.has(set)) return set.add(value);
    const own = new Set(set).add(value);
    this.#own.add(own);
    return own;
  }

  /** This step made it, and `put` and `drop` change it in place: what is worked out from it must not be kept by it. */
  mayChange(map: ReadonlyMap<unknown, unknown>): boolean {
    return this.#own.has(map);
  }

  #ownOf<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
    if (map instanceof Map && this.#own.has(map)) return map;
    const own = new Map(map);
    this.#own.add(own);
    return own;
  }

  /** A whole random number below this, of two random bytes. */
  chance(below: number): number {
    const [high = 0, low = 0] = this.random(2);
    return Math.floor(((high * 256 + low) * below) / 65_536);
  }

  write(row: Row): void {
    this.#rows.push(row);
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Overwritten once this step is on disk, and not before: until then the state before it may be gone on from. */
  forget(...secrets: readonly Secret[]): void {
    this.#forgotten.push(...secrets);
  }

  homeChanged(): void {
    this.#home = true;
  }

  alarmChanged(): void {
    this.#alarm = true;
  }

  roomChanged(room: RoomId): void {
    this.#changedRooms.add(room);
  }

  /** Written once a step, however many entries came in it. */
  headsChanged(room: RoomId): void {
    this.#movedHeads.add(room);
  }

  /** Of this device's person; written once a step, as heads are. */
  readChanged(room: RoomId): void {
    this.#movedReads.add(room);
  }

  room(id: RoomId): RoomState {
    const room = this.state.rooms.get(id);
    if (room === undefined) throw new Broken('broken', 'the engine lost track of a room');
    return room;
  }

  setRoom(room: RoomState): void {
    this.state = { ...this.state, rooms: this.put(this.state.rooms, room.info.id, room) };
  }

  /**
   * Does what rests on something from outside; `undefined` if that was turned down. A PeerFault is the peer's, and goes
   * into our log; anything else is ours.
   */
  guard<T>(work: () => T, relay?: RelayId): T | undefined {
    try {
      return work();
    } catch (fault) {
      if (!(fault instanceof PeerFault)) throw fault;
      const from = relay === undefined ? {} : { relay };
      this.effect({ type: 'refused', ...from, code: fault.code, text: fault.message });
      return undefined;
    }
  }

  relay(id: RelayId): RelayState {
    const relay = this.state.relays.get(id);
    if (relay === undefined) throw new Broken('broken', 'the engine was told of a relay that is not on the list');
    return relay;
  }

  setRelay(relay: RelayState): void {
    this.state = { ...this.state, relays: this.put(this.state.relays, relay.id, relay) };
  }

  drill(id: DrillId): DrillState | undefined {
    return this.state.drills.get(id);
  }

  setDrill(drill: DrillState): void {
    this.state = { ...this.state, drills: this.put(this.state.drills, drill.plan.id, drill) };
    this.alarmChanged();
  }

  finish(): Step {
    for (const room of this.#movedHeads) this.write({ type: 'heads', room, heads: this.room(room).heads });
    const { device } = this.state.self;
    for (const room of this.#movedReads)
      this.write({ type: 'read', room, device, places: this.room(room).reads.get(device) ?? new Map() });
    const rooms = [...this.#changedRooms];
    const changed = this.#home || this.#alarm || rooms.length > 0;
    return {
      state: this.state,
      effects: [
        ...(this.#rows.length > 0 ? [{ type: 'write', rows: this.#rows } as const] : []),
        ...(this.#forgotten.length > 0 ? [{ type: 'forget', secrets: this.#forgotten } as const] : []),
        ...this.#effects,
        ...(changed ? [{ type: 'changed', home: this.#home, alarm: this.#alarm, rooms } as const] : []),
      ],
    };
  }
}

/** For what has no turn, or is changed once in a step: a copy with this key. Many changes of one map are `Turn.put`. */
export function withKey<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** The same, without it. */
export function withoutKey<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

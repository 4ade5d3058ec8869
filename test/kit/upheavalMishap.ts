/**
 * Everything that goes wrong by itself or is done to a device from outside, of an upheaval (upheaval.ts): networks, relays
 * that lie, sleep, copies, disks put back, and a new list.
 */
import type { LeafBody } from '../../src/core/leaf.ts';
import type { RelayFrame } from '../../src/wire/frame.ts';
import type { MemoryVault } from './memoryVault.ts';
import { bring, leavesOf, makeNew, type NewDevice, signNext, withNewcomer, without } from './nextList.ts';
import { type Watched, watch } from './upheavalWatch.ts';
import { type World, WorldDevice } from './world.ts';
import type { WorldRelay } from './worldRelay.ts';

export const second = 1_000;
export const minute: number = 60 * second;
export const hour: number = 60 * minute;

export class Mishaps {
  readonly world: World;
  readonly watched: Watched;
  readonly spoilt = new Set<WorldDevice>();
  readonly gone = new Set<WorldDevice>();
  readonly log: string[] = [];
  readonly #wakeAt = new Map<WorldDevice, number>();
  readonly #tampered = new Map<WorldDevice, ReadonlySet<WorldRelay>>();
  readonly #late = new Map<string, RelayFrame>();
  #list: Uint8Array | undefined;
  #old: { readonly i: number; readonly vault: MemoryVault } | undefined;

  constructor(world: World) {
    this.world = world;
    this.watched = watch(world);
    world.tamper = (relay, device, frame) => this.#tamper(relay, device, frame);
  }

  begin(): void {
    for (const device of this.world.devices) device.clockMs = this.pick(3) > 0 ? 0 : this.between(-20, 20) * minute;
    this.world.diesAfterWrite = () => this.world.random.next() < 0.002;
  }

  /** No more of it: everything is on and reaches everything, under the newest list. */
  end(): void {
    const { world } = this;
    world.diesAfterWrite = undefined;
    world.tamper = undefined;
    world.cut.clear();
    for (const r of world.relays.keys()) {
      world.stopRelay(r);
      world.startRelay(r);
    }
    if (this.#list !== undefined) world.takeList(this.#list);
    for (const [i, device] of world.devices.entries()) if (device.state === undefined) world.start(i);
  }

  noLies(): void {
    this.#tampered.clear();
  }

  /** Devices that are off, but for those that sleep on. */
  wakeAll(): void {
    for (const device of this.world.devices)
      if ((this.#wakeAt.get(device) ?? 0) <= this.world.nowMs) this.#wake(device);
  }

  /** Each device reaches one relay only, or none. */
  split(): void {
    const sides = this.world.devices.map(() => this.pick(4));
    this.note(`split ${sides.join('')}`);
    for (const [i, side] of sides.entries()) for (const r of [0, 1, 2]) if (side !== r) this.world.part(i, r);
  }

  lie(i: number): void {
    this.#tampered.set(this.world.device(i), new Set(this.world.relays.filter(() => this.pick(2) === 0)));
  }

  #tamper(relay: WorldRelay, device: WorldDevice, frame: RelayFrame): readonly RelayFrame[] {
    if (this.#tampered.get(device)?.has(relay) !== true) return [frame];
    const key = `${this.world.devices.indexOf(device)} ${relay.id}`;
    const late = this.#late.get(key);
    this.#late.delete(key);
    const kind = this.pick(6);
    if (kind === 0) return late === undefined ? [] : [late];
    if (kind === 1) this.#late.set(key, frame);
    const now = kind === 1 ? [] : kind === 2 ? [frame, frame] : [frame];
    return late === undefined ? now : [...now, late];
  }

  sleep(i: number): void {
    const ms = this.between(24, 96) * hour;
    this.note(`${i} sleeps for ${ms / hour} h`);
    this.world.crash(i);
    this.#wakeAt.set(this.world.device(i), this.world.nowMs + ms);
  }

  #wake(device: WorldDevice): void {
    this.#wakeAt.delete(device);
    const i = this.world.devices.indexOf(device);
    if (device.state === undefined) this.do(`${i} starts`, () => this.world.start(i));
  }

  /** Once: somebody leaves, somebody comes, a device is replaced, in some mixture. Some hear of it sooner than others. */
  change(): void {
    if (this.#list !== undefined) {
      this.#hearOfList();
      return;
    }
    const { world } = this;
    let leaves = leavesOf(world);
    const kind = 1 + this.pick(7);
    this.note(`a new list ${kind}`);
    const at = this.pick(this.world.founded.selves.length);
    const other = (at + 1) % this.world.founded.selves.length;
    const fresh = makeNew(world, world.founded.identities[other]);
    const nora = makeNew(world);
    if (kind & 1) leaves = this.#leave(at, leaves);
    if (kind & 2) leaves = this.#leave(other, leaves, fresh);
    if (kind & 4) leaves = withNewcomer(nora, leaves);
    this.#list = signNext(world, leaves);
    this.watched.listAtMs = world.nowMs;
    this.#hearOfList();
    if (kind & 2) bring(world, fresh, this.#list);
    if (kind & 4) bring(world, nora, this.#list);
  }

  #leave(i: number, leaves: readonly LeafBody[], by?: NewDevice): readonly LeafBody[] {
    this.gone.add(this.world.device(i));
    this.note(`${i} is not on it`);
    return without(this.world.device(i), leaves, by);
  }

  #hearOfList(): void {
    if (this.#list === undefined) return;
    for (const i of this.world.founded.selves.keys())
      if (this.pick(2) === 0 && !this.world.lists.has(i))
        this.do(`${i} takes it`, () => this.world.takeList(this.#list ?? new Uint8Array(), i));
  }

  putBack(i: number): void {
    const device = this.world.device(i);
    if (this.#old === undefined) {
      this.note(`${i} is saved`);
      this.#old = { i, vault: device.vault.copy() };
      return;
    }
    const { i: at, vault } = this.#old;
    const old = this.world.device(at);
    if (this.spoilt.size > 0 || this.gone.has(old)) return;
    this.note(`${at} is put back`);
    this.world.crash(at);
    this.spoilt.add(old);
    Object.assign(old, { vault: vault.copy() });
  }

  fork(i: number): void {
    const device = this.world.device(i);
    if (this.spoilt.size > 0 || this.gone.has(device)) return;
    this.note(`${i} is copied`);
    const twin = new WorldDevice(device.self);
    Object.assign(twin, { vault: device.vault.copy() });
    this.world.devices.push(twin);
    const at = this.world.devices.length - 1;
    const list = this.world.lists.get(i);
    if (list !== undefined) this.world.lists.set(at, list);
    this.spoilt.add(device).add(twin);
    this.world.start(at);
  }

  do(what: string, work: () => void): void {
    this.note(what);
    work();
  }

  pick = (count: number): number => Math.floor(this.world.random.next() * count);
  between = (from: number, to: number): number => from + this.pick(to - from + 1);
  note = (what: string): number =>
    this.log.push(`${((this.world.nowMs - 1_800_000_000_000) / second).toFixed(1)} ${what}`);
}

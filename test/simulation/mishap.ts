/** What goes wrong, done to a world at its time and ended after it. Overlapping ones of a kind add up and end one by one. */
import type { RelayFrame } from '../../src/wire/frame.ts';
import { bring, leavesOf, makeNew, signNext, without, withNewcomer } from '../kit/nextList.ts';
import type { Watched } from '../kit/upheavalWatch.ts';
import { type World, WorldDevice } from '../kit/world.ts';
import type { WorldRelay } from '../kit/worldRelay.ts';
import { Liar } from './lie.ts';
import { Overtaken } from './overtaken.ts';
import type { Mishap, Plan } from './type.ts';

type MishapOf<T extends Mishap['type']> = Extract<Mishap, { readonly type: T }>;

interface Spell {
  readonly device: WorldDevice;
  readonly relay: WorldRelay;
  readonly tell: (frame: RelayFrame) => readonly RelayFrame[];
}

export class Fate {
  readonly world: World;
  /** Devices that were copied or put back. */
  readonly spoilt = new Set<WorldDevice>();
  /** Devices that are not on the newest list. */
  readonly gone = new Set<WorldDevice>();
  readonly overtaken: Overtaken;
  readonly #watched: Watched;
  readonly #note: (what: string) => void;
  readonly #saved = new Map<Mishap, WorldDevice['vault']>();
  readonly #spells = new Set<Spell>();
  readonly #cuts = new Map<string, number>();
  readonly #down = new Map<WorldRelay, number>();
  readonly #offUntil = new Map<WorldDevice, number>();
  readonly #doomed = new Map<WorldDevice, { left: number; readonly kept: boolean; readonly forMs: number }>();
  readonly #dying = new Set<WorldDevice>();
  readonly #usualDelayMs: number;
  readonly #clocks: ReadonlyMap<WorldDevice, number>;
  #list: Uint8Array | undefined;
  #isOver = false;

  constructor(world: World, plan: Plan, watched: Watched, note: (what: string) => void) {
    this.world = world;
    this.overtaken = new Overtaken(world);
    this.#watched = watched;
    this.#note = note;
    this.#usualDelayMs = world.delayMs;
    this.#clocks = new Map(world.devices.map((device) => [device, device.clockMs]));
    world.tamper = (relay, device, frame) => this.#tamper(relay, device, frame);
    world.diesInWrite = (device) => this.#diesInWrite(device);
    world.diesAfterWrite = (device) => this.#dying.delete(device);
    for (const mishap of plan.mishaps) this.#foresee(mishap, plan.mishaps.indexOf(mishap));
  }

  #foresee(mishap: Mishap, place: number): void {
    const { world } = this;
    if (mishap.type === 'put-back')
      world.at(Math.max(0, mishap.atMs - mishap.backMs), () => {
        this.#saved.set(mishap, world.device(mishap.device).vault.copy());
      });
    world.at(mishap.atMs, () => {
      if (this.#isOver) return;
      this.#note(JSON.stringify(mishap));
      this.#befall(mishap, place);
    });
  }

  #befall(mishap: Mishap, place: number): void {
    const { world } = this;
    switch (mishap.type) {
      case 'cut':
        this.#cut([[mishap.device, mishap.relay]], mishap.forMs);
        return;
      case 'partition':
        this.#cut(
          mishap.sides.flatMap((side, i) =>
            [...world.relays.keys()].flatMap((r) => (r === side ? [] : [[i, r] as const])),
          ),
          mishap.forMs,
        );
        return;
      case 'reset': {
        const [device, relay] = [world.device(mishap.device), world.relay(mishap.relay)];
        world.disconnect(device, relay);
        this.#later(800, () => world.connect(device, relay));
        return;
      }
      case 'slow':
        world.delayMs = mishap.delayMs;
        this.#later(mishap.forMs, () => {
          world.delayMs = this.#usualDelayMs;
        });
        return;
      case 'repeat':
        this.#cast(mishap, (frame) => [frame, frame]);
        return;
      case 'lie': {
        const liar = new Liar(mishap.how, place + 1);
        this.#cast(mishap, (frame) => liar.tell(frame));
        const others = [...world.relays.keys()].filter((r) => r !== mishap.relay);
        if (mishap.isCaptive)
          this.#cut(
            others.map((r) => [mishap.device, r] as const),
            mishap.forMs,
          );
        return;
      }
      case 'reorder': {
        const relay = world.relay(mishap.relay);
        relay.reorders = true;
        this.#later(mishap.forMs, () => {
          relay.reorders = false;
        });
        return;
      }
      case 'slow-disk': {
        const relay = world.relay(mishap.relay);
        const { syncMs } = relay;
        relay.syncMs = mishap.syncMs;
        this.#later(mishap.forMs, () => {
          relay.syncMs = syncMs;
        });
        return;
      }
      case 'keep-nothing': {
        const relay = world.relay(mishap.relay);
        relay.keeps = () => false;
        this.#later(mishap.forMs, () => {
          relay.keeps = undefined;
        });
        return;
      }
      case 'relay-crash':
        this.#stop(mishap.relay, mishap.forMs);
        return;
      case 'relay-wipe':
        this.#stop(mishap.relay, 3_000);
        world.relay(mishap.relay).wipe(Buffer.from(world.random(16)).toString('hex'));
        return;
      case 'relay-rollback':
        this.#stop(mishap.relay, 3_000);
        this.overtaken.rollBack(world.relay(mishap.relay), world.nowMs - mishap.backMs);
        return;
      case 'crash':
        this.#doomed.set(world.device(mishap.device), { ...mishap, left: mishap.write });
        return;
      case 'sleep':
        this.#off(mishap.device, mishap.forMs);
        return;
      case 'put-back':
        this.#putBack(mishap);
        return;
      case 'clone':
        this.#clone(mishap);
        return;
      case 'clock': {
        const device = world.device(mishap.device);
        this.#setClock(device, mishap.byMs);
        this.#later(mishap.forMs, () => this.#setClock(device, -mishap.byMs));
        return;
      }
      case 'list':
        this.#changeList(mishap);
        return;
      case 'old-list':
        this.#handOldList(mishap);
        return;
      default:
        mishap satisfies never;
    }
  }

  /** Ends with the faults at the latest. */
  #later(ms: number, run: () => void): void {
    this.world.at(ms, () => {
      if (!this.#isOver) run();
    });
  }

  /** Its machine notices within five seconds, and begins its connections anew (responder/machine.ts). */
  #setClock(device: WorldDevice, byMs: number): void {
    const { world } = this;
    device.clockMs += byMs;
    this.#later(5_000, () => {
      for (const relay of world.relays) {
        world.disconnect(device, relay);
        world.connect(device, relay);
      }
    });
  }

  #cut(pairs: readonly (readonly [device: number, relay: number])[], forMs: number): void {
    const { world } = this;
    const keyOf = (i: number, r: number) => `${world.device(i).self.device} ${world.relay(r).id}`;
    for (const [i, r] of pairs) {
      this.#cuts.set(keyOf(i, r), (this.#cuts.get(keyOf(i, r)) ?? 0) + 1);
      world.part(i, r);
    }
    this.#later(forMs, () => {
      for (const [i, r] of pairs) {
        const key = keyOf(i, r);
        const left = (this.#cuts.get(key) ?? 1) - 1;
        this.#cuts.set(key, left);
        if (left > 0) continue;
        world.cut.delete(key);
        world.connect(world.device(i), world.relay(r));
      }
    });
  }

  #cast(
    { device, relay, forMs }: { readonly device: number; readonly relay: number; readonly forMs: number },
    tell: Spell['tell'],
  ): void {
    const spell = { device: this.world.device(device), relay: this.world.relay(relay), tell };
    this.#spells.add(spell);
    this.#later(forMs, () => this.#spells.delete(spell));
  }

  #tamper(relay: WorldRelay, device: WorldDevice, frame: RelayFrame): readonly RelayFrame[] {
    let frames: readonly RelayFrame[] = [frame];
    for (const spell of this.#spells)
      if (spell.relay === relay && spell.device === device) frames = frames.flatMap((each) => spell.tell(each));
    return frames;
  }

  #stop(r: number, forMs: number): void {
    const relay = this.world.relay(r);
    this.#down.set(relay, (this.#down.get(relay) ?? 0) + 1);
    this.world.stopRelay(r);
    this.#later(forMs, () => {
      const left = (this.#down.get(relay) ?? 1) - 1;
      this.#down.set(relay, left);
      if (left === 0) this.world.startRelay(r);
    });
  }

  #diesInWrite(device: WorldDevice): boolean {
    const doom = this.#doomed.get(device);
    if (doom === undefined) return false;
    doom.left -= 1;
    if (doom.left > 0) return false;
    this.#doomed.delete(device);
    const i = this.world.devices.indexOf(device);
    this.#note(`${i} dies ${doom.kept ? 'after' : 'in'} a write`);
    this.#wakeIn(i, doom.forMs);
    if (doom.kept) this.#dying.add(device);
    return !doom.kept;
  }

  #off(i: number, forMs: number): void {
    this.world.crash(i);
    this.#wakeIn(i, forMs);
  }

  /** Who sleeps longer already, sleeps on. */
  #wakeIn(i: number, forMs: number): void {
    const device = this.world.device(i);
    const untilMs = Math.max(this.world.nowMs + forMs, this.#offUntil.get(device) ?? 0);
    this.#offUntil.set(device, untilMs);
    this.#later(untilMs - this.world.nowMs, () => {
      if (device.state === undefined && (this.#offUntil.get(device) ?? 0) <= this.world.nowMs) this.world.start(i);
    });
  }

  /** One device a run: of the others it is claimed that they are honest. */
  #mayBeSpoilt = (device: WorldDevice): boolean => this.spoilt.size === 0 && !this.gone.has(device);

  #putBack(mishap: MishapOf<'put-back'>): void {
    const device = this.world.device(mishap.device);
    const saved = this.#saved.get(mishap);
    if (saved === undefined || !this.#mayBeSpoilt(device)) return;
    this.spoilt.add(device);
    this.#off(mishap.device, 2_000);
    Object.assign(device, { vault: saved });
  }

  #clone({ device: i }: MishapOf<'clone'>): void {
    const { world } = this;
    const device = world.device(i);
    if (!this.#mayBeSpoilt(device)) return;
    const twin = new WorldDevice(device.self);
    Object.assign(twin, { vault: device.vault.copy() });
    world.devices.push(twin);
    const at = world.devices.length - 1;
    const list = world.lists.get(i);
    if (list !== undefined) world.lists.set(at, list);
    this.spoilt.add(device).add(twin);
    world.start(at);
  }

  /** One next list a run. */
  #changeList({ out, replaced, newcomer, heardMs }: MishapOf<'list'>): void {
    const { world } = this;
    if (this.#list !== undefined) return;
    let leaves = leavesOf(world);
    const fresh = replaced === undefined ? undefined : makeNew(world, world.founded.identities[replaced]);
    const nora = newcomer ? makeNew(world) : undefined;
    if (out !== undefined) {
      this.gone.add(world.device(out));
      leaves = without(world.device(out), leaves);
    }
    if (replaced !== undefined && fresh !== undefined) {
      this.gone.add(world.device(replaced));
      leaves = without(world.device(replaced), leaves, fresh);
    }
    if (nora !== undefined) leaves = withNewcomer(nora, leaves);
    const list = signNext(world, leaves);
    this.#list = list;
    this.#watched.listAtMs = world.nowMs;
    for (const [i, ms] of heardMs.entries()) this.#later(ms, () => world.takeList(list, i));
    for (const each of [fresh, nora]) if (each !== undefined) bring(world, each, list);
  }

  /** The one before, where there is one. The world refuses it as a device does. */
  #handOldList({ device: i }: MishapOf<'old-list'>): void {
    const { world } = this;
    if (world.listOf(i).version < 2) return;
    try {
      world.takeList(world.founded.listBytes, i);
    } catch (fault) {
      this.#note(`${i}: ${fault instanceof Error ? fault.message : 'refused'}`);
    }
  }

  /** No more of it: everything is on and reaches everything, under the newest list, by the right time. */
  end(): void {
    const { world } = this;
    this.#isOver = true;
    world.tamper = undefined;
    world.diesInWrite = undefined;
    world.diesAfterWrite = undefined;
    world.delayMs = this.#usualDelayMs;
    world.cut.clear();
    for (const device of world.devices) device.clockMs = this.#clocks.get(device) ?? 0;
    for (const [r, relay] of world.relays.entries()) {
      Object.assign(relay, { keeps: undefined, reorders: false, syncMs: 5 });
      world.stopRelay(r);
      world.startRelay(r);
    }
    if (this.#list !== undefined) world.takeList(this.#list);
    for (const [i, device] of world.devices.entries()) if (device.state === undefined) world.start(i);
  }
}

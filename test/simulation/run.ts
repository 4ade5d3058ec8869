/**
 * Plays a plan: founds, opens a room, lets acts and mishaps come at their time, then calm in which everything has to come
 * right. Is an upheaval as test/kit/upheavalCheck.ts looks at it.
 */
import type { RoomId } from '../../src/core/id.ts';
import type { Role } from '../../src/core/leaf.ts';
import { CallerFault } from '../../src/wire/fault.ts';
import { everyone } from '../kit/rogue.ts';
import type { Upheaval } from '../kit/upheaval.ts';
import { agree, innocent, insiders, kept, pictureOf, spared, speak } from '../kit/upheavalCheck.ts';
import { closed, unseen } from '../kit/upheavalSecret.ts';
import { type Watched, watch } from '../kit/upheavalWatch.ts';
import { World } from '../kit/world.ts';
import { commandOf, planted, readingOf } from './act.ts';
import { Fate } from './mishap.ts';
import { checksNotYet } from './notYet.ts';
import { calmMs, openingMs } from './plan.ts';
import { everywhere } from './settled.ts';
import type { Act, Outcome, Plan } from './type.ts';
import { Watch, Wrong } from './watch.ts';

const minute = 60_000;

const roles: readonly Role[] = ['commander', 'commander', 'officer', 'responder', 'responder', 'observer'];

export class Run implements Upheaval {
  readonly world: World;
  readonly seed: number;
  readonly rooms: RoomId[] = [];
  readonly watched: Watched;
  readonly log: string[] = [];
  readonly #plan: Plan;
  readonly #watch: Watch;
  readonly #fate: Fate;
  readonly #startMs: number;

  /** `alter` has the world before anything happens in it: where a mistake is planted. */
  constructor(plan: Plan, alter: (world: World) => void = () => undefined) {
    const { seed, devices, relays } = plan.setting;
    const nowMs = 1_800_000_000_000;
    this.#plan = plan;
    this.seed = seed;
    const drillMs = nowMs + (plan.drillAtMs ?? 0);
    const drills = plan.drillAtMs === undefined ? [] : [{ fromMs: drillMs, toMs: drillMs }];
    this.world = new World(seed, { members: devices, relays, roles, nowMs, drills });
    this.#startMs = this.world.nowMs;
    for (const [i, clockMs] of plan.clocksMs.entries()) this.world.device(i).clockMs = clockMs;
    for (const relay of this.world.relays) relay.syncMs = 5;
    alter(this.world);
    this.watched = watch(this.world);
    this.#fate = new Fate(this.world, plan, this.watched, (what) => this.#note(what));
    this.#watch = new Watch(this.world, new Set(plan.bad.map((r) => this.world.relay(r).id)), this.#fate.spoilt);
  }

  get spoilt(): Upheaval['spoilt'] {
    return this.#fate.spoilt;
  }

  get gone(): Upheaval['gone'] {
    return this.#fate.gone;
  }

  outcome(): Outcome {
    const wrong = this.#play();
    return {
      setting: this.#plan.setting,
      digest: this.#watch.digest(wrong.length > 0 ? wrong.join('\n') : pictureOf(this)),
      steps: this.watched.steps,
      entries: this.watched.authored.size,
      wrong,
      log: this.log,
    };
  }

  /** What did not hold. A step that throws did not either: nothing that comes from outside may make it. */
  #play(): readonly string[] {
    const { hours } = this.#plan.setting;
    try {
      this.#open();
      this.world.run(Math.max(0, hours * 60 * minute - calmMs - (this.world.nowMs - this.#startMs)));
      this.#watch.checkClaims();
      this.#calm();
      this.#watch.checkClaims();
    } catch (error) {
      if (error instanceof Wrong) return [error.message];
      return [`a step failed: ${error instanceof Error ? error.stack : String(error)}`];
    }
    return this.#check();
  }

  /** Device 0 opens a room for the others. */
  #open(): void {
    const { world } = this;
    for (const act of this.#plan.acts) world.at(act.atMs, () => this.#act(act));
    world.startAll();
    world.run(openingMs / 2);
    const inside = world.devices.slice(1).map(({ self }) => self.member);
    const id = world.command(0, { type: 'create-room', title: `${planted} ransom note`, members: inside });
    this.rooms.push(world.result(0, id).room, everyone(world).id);
    world.run(openingMs / 2);
  }

  #act(act: Act): void {
    const { world } = this;
    const command = commandOf(world, this.rooms, act);
    if (command === undefined) return;
    if ('room' in command) world.command(act.device, readingOf(world, act.device, command.room));
    // It may have died over that.
    if (world.device(act.device).state === undefined) return;
    const id = world.command(act.device, command);
    const result = world.device(act.device).results.get(id);
    const said = result instanceof Error ? result.message : result === undefined ? 'died' : '';
    this.#note(`${JSON.stringify(act)} ${said}`);
    if (result instanceof Error && !(result instanceof CallerFault)) throw result;
  }

  /**
   * Somebody says something first, so that a room nobody writes in is not left as it was: a new epoch is opened, and who
   * came meanwhile hears of the room, only when there is something to say.
   */
  #calm(): void {
    const { world } = this;
    this.#note('calm');
    this.#fate.end();
    world.run(5 * minute);
    const spoken = Object.hasOwn(checksNotYet, 'silent') ? this.rooms : this.rooms.slice(0, 1);
    for (const room of spoken) {
      const first = insiders(this, room).filter(({ i }, n) => n < 2 && this.#say(i, room, 'first'));
      this.#note(`${first.map(({ i }) => i).join(' ')} said something`);
    }
    world.run(10 * minute);
    for (const i of world.devices.keys()) for (const each of this.rooms) this.#say(i, each, `last ${i}`);
    // What is missing is asked for ever less often, at last every ten minutes. What devices write by themselves, such as
    // a prekey, takes its time too.
    for (let rest = 0; rest < 4; rest++) {
      const entries = this.watched.authored.size;
      world.run(calmMs - 15 * minute);
      if (this.watched.authored.size === entries) return;
    }
  }

  /** False if the device may not, or is not in the room. */
  #say(i: number, room: RoomId, text: string): boolean {
    const device = this.world.device(i);
    if (!device.running.rooms.has(room)) return false;
    this.world.command(i, readingOf(this.world, i, room));
    const id = this.world.command(i, { type: 'send-text', room, text });
    const result = device.results.get(id);
    if (result instanceof Error && !(result instanceof CallerFault)) throw result;
    return !(result instanceof Error);
  }

  #check(): readonly string[] {
    const wrong: string[] = [];
    for (const [n, id] of this.rooms.entries()) {
      const say = (what: string) => wrong.push(`${n === 0 ? 'incident' : 'everyone'}: ${what}`);
      for (const check of [agree, speak, kept, spared, closed, innocent]) check(this, id, say);
      everywhere(this, this.#wholeRelays(), this.#fate.overtaken, id, say);
    }
    unseen(this, (what) => wrong.push(what));
    return wrong;
  }

  /**
   * Relays that are to have everything in the end: those that never lied. What a lying one said to have, or to have had,
   * nobody brings it again.
   */
  #wholeRelays(): readonly number[] {
    const { bad, mishaps } = this.#plan;
    const liars = mishaps.flatMap((each) => (each.type === 'lie' || each.type === 'keep-nothing' ? [each.relay] : []));
    const not = Object.hasOwn(checksNotYet, 'refilled') ? bad : liars;
    return [...this.world.relays.keys()].filter((r) => !not.includes(r));
  }

  #note(what: string): void {
    this.log.push(`${((this.world.nowMs - this.#startMs) / minute).toFixed(2)} min ${what}`);
  }
}

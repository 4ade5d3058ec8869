/**
 * One run in which everything happens to a room at once: people talk, put each other in and out, and conflict; networks
 * fall apart, relays and disks die, one lies to a device; devices crash, sleep for days, are copied or put back, and a new
 * list comes. One seed is one run. What is to hold afterwards is in upheavalCheck.ts.
 */
import type { RoomId } from '../../src/core/id.ts';
import type { Role } from '../../src/core/leaf.ts';
import type { Change, Command } from '../../src/engine/event.ts';
import { CallerFault } from '../../src/wire/fault.ts';
import { everyone } from './rogue.ts';
import { hour, Mishaps, minute, second } from './upheavalMishap.ts';
import type { Watched } from './upheavalWatch.ts';
import { World, type WorldDevice } from './world.ts';

export interface Upheaval {
  readonly world: World;
  readonly seed: number;
  readonly rooms: readonly RoomId[];
  readonly watched: Watched;
  /** Devices of which there are two, or that were put back: they may be retired or convicted, and no others. */
  readonly spoilt: ReadonlySet<WorldDevice>;
  /** Devices whose place on the list is gone. */
  readonly gone: ReadonlySet<WorldDevice>;
  /** What was done, for whoever looks for the cause of a failure. */
  readonly log: readonly string[];
}

const roles: readonly Role[] = ['commander', 'commander', 'officer', 'officer', 'responder', 'responder', 'observer'];

export function upheave(seed: number, rounds = 45): Upheaval {
  const storm = new Storm(seed);
  storm.rage(rounds);
  storm.calm();
  return storm;
}

class Storm extends Mishaps implements Upheaval {
  readonly seed: number;
  readonly rooms: RoomId[] = [];
  #texts = 0;
  #nights = 0;

  /** Device 0 opens a room for the others; one may be left out. */
  constructor(seed: number) {
    const members = 5 + (seed % 4);
    super(new World(seed, { members, roles }));
    this.seed = seed;
    this.world.startAll();
    this.world.run(6 * second);
    const inside = this.world.devices.slice(1, members - this.pick(2)).map(({ self }) => self.member);
    const id = this.world.command(0, { type: 'create-room', title: 'Ransom note', members: inside });
    this.rooms.push(this.world.result(0, id).room, everyone(this.world).id);
    this.world.run(4 * second);
  }

  rage(rounds: number): void {
    this.begin();
    for (let round = 0; round < rounds; round++) {
      for (let n = 1 + this.pick(3); n > 0; n--) this.#happen();
      this.world.run(this.#pause());
    }
  }

  #pause(): number {
    const kind = this.pick(20);
    if (kind < 11) return this.pick(4 * second);
    if (kind < 16) return this.pick(40 * second);
    if (kind < 19) return this.pick(25 * minute);
    if (this.#nights >= 2) return this.pick(hour);
    this.#nights += 1;
    const ms = this.between(2, 30) * hour;
    this.note(`a pause of ${ms / hour} h`);
    return ms;
  }

  calm(): void {
    this.note('calm');
    this.end();
    this.world.run(2 * minute + this.pick(5 * minute));
    this.#allSay('first');
    this.world.run(15 * minute + this.pick(45 * minute));
    this.#allSay('last');
    // What is missing is asked for ever less often, at last every ten minutes.
    this.world.run(15 * minute);
  }

  /** Everybody who may writes in every room, so that nothing that was done stays unheard of. */
  #allSay(what: string): void {
    for (const [i, device] of this.world.devices.entries())
      for (const room of this.rooms)
        if (device.running.rooms.has(room)) this.#command(i, { type: 'send-text', room, text: `${what} ${i}` });
  }

  #happen(): void {
    const i = this.pick(this.world.devices.length);
    const r = this.pick(3);
    const kind = this.pick(100);
    if (kind < 30) this.#say(i);
    else if (kind < 50) this.#operate(this.pick(3) > 0 ? this.pick(4) : i);
    else if (kind < 54) this.#conflict();
    else if (kind < 58) this.split();
    else if (kind < 64) this.do('heal all', () => this.world.heal());
    else if (kind < 67) this.do(`relay ${r} stops`, () => this.world.stopRelay(r));
    else if (kind < 73) for (const each of [0, 1, 2]) this.world.startRelay(each);
    else if (kind < 75) this.do(`relay ${r} loses its disk`, () => this.world.loseDisk(r));
    else if (kind < 78) this.do(`relays ${r} lies to ${i}`, () => this.lie(i));
    else if (kind < 80) this.do('no lies', () => this.noLies());
    else if (kind < 84) this.do(`${i} crashes`, () => this.world.crash(i));
    else if (kind < 92) this.wakeAll();
    else if (kind < 94) this.sleep(i);
    else if (kind < 95) this.#command(i, { type: 'heal', room: this.#room() });
    else if (kind < 97) this.change();
    else if (kind < 99) this.putBack(i);
    else this.fork(i);
  }

  #say(i: number): void {
    this.#texts += 1;
    this.#command(i, { type: 'send-text', room: this.#room(), text: `${i}: ${this.#texts}` });
  }

  #operate(i: number): void {
    const room = this.#room();
    const { member } = this.world.device(this.pick(this.world.devices.length)).self;
    const operations: readonly (() => Change)[] = [
      () => ({ type: 'remove', members: [member], devices: [] }),
      () => ({ type: 'add', members: [member], devices: [] }),
      () => ({ type: 'add', members: [member], devices: [] }),
      () => ({ type: 'role', member, role: roles[this.pick(roles.length)] ?? 'observer' }),
      () => ({
        type: 'policy',
        history: this.pick(3) > 0 ? 'none' : 'all',
        horizon: this.pick(4) > 0 || this.#nights === 0 ? 'default' : 'high',
      }),
      () => ({ type: 'remove', members: [], devices: [this.world.device(this.pick(4)).self.device] }),
    ];
    const made = operations[this.pick(operations.length)];
    if (made !== undefined) this.#command(i, { type: 'operate', room, operation: made() });
  }

  /** Several do something about each other, none knowing of the others. */
  #conflict(): void {
    this.split();
    for (const i of [0, 1, 2, 3]) if (this.pick(3) > 0) this.#operate(i);
    this.#say(this.pick(4));
  }

  #command(i: number, command: Command): void {
    const device = this.world.device(i);
    if (device.state === undefined || !('room' in command) || !device.state.rooms.has(command.room)) return;
    const id = this.world.command(i, command);
    const result = device.results.get(id);
    const told = command.type === 'operate' ? JSON.stringify(command.operation).slice(0, 110) : '';
    this.note(
      `${i} ${command.type} ${told} ${result instanceof Error ? result.message : result === undefined ? 'died' : ''}`,
    );
    if (result instanceof Error && !(result instanceof CallerFault)) throw result;
  }

  #room = (): RoomId => this.rooms[this.pick(4) > 0 ? 0 : 1] ?? everyone(this.world).id;
}

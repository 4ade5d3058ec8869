/** A room that device 0 opened for the devices after it, and what is done in it. */
import type { RoomId } from '../../src/core/id.ts';
import type { Change } from '../../src/engine/event.ts';
import { World } from './world.ts';

/** Devices 0 … inside − 1 are in it; with more members, the others are in everyone's room alone. */
export function inRoom(
  seed: number,
  inside: number,
  members: number = inside,
): { readonly world: World; readonly room: RoomId } {
  const world = new World(seed, { members });
  world.startAll();
  world.run(4_000);
  const others = Array.from({ length: inside - 1 }, (_, i) => world.device(i + 1).self.member);
  const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'Ransom note', members: others }));
  world.run(3_000);
  return { world, room };
}

/** Throws what the device answers with. */
export function say(world: World, i: number, room: RoomId, text: string): void {
  world.result(i, world.command(i, { type: 'send-text', room, text }));
}

/** Throws what the device answers with. */
export function operate(world: World, i: number, room: RoomId, operation: Change): void {
  world.result(i, world.command(i, { type: 'operate', room, operation }));
}

/** Device `by` puts the member of device `i` in or out. */
export const move = (world: World, by: number, room: RoomId, type: 'add' | 'remove', i: number): void =>
  operate(world, by, room, { type, members: [world.device(i).self.member], devices: [] });

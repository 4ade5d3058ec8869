/** What a person does, as a command to their device; nothing, where the device is off or knows nothing of it. */
import type { RoomId } from '../../src/core/id.ts';
import type { Change, Command } from '../../src/engine/event.ts';
import type { World } from '../kit/world.ts';
import type { Act, Operation } from './type.ts';

/** In every text, and nowhere else: it must not be seen by any relay. */
export const planted = 'Zeisigbach';

export function commandOf(world: World, rooms: readonly RoomId[], act: Act): Command | undefined {
  const { state } = world.device(act.device);
  if (state === undefined) return undefined;
  if (act.type === 'verify')
    return { type: 'verify', member: world.device(act.member).self.member, how: 'words', holds: true };
  if (act.type === 'answer') {
    const [drill] = state.drills.keys();
    return drill === undefined ? undefined : { type: 'answer', drill, answer: 'there' };
  }
  const room = rooms[act.room];
  if (room === undefined || !state.rooms.has(room)) return undefined;
  if (act.type === 'heal') return { type: 'heal', room };
  if (act.type === 'say') return { type: 'send-text', room, text: `${planted} ${act.device} at ${act.atMs}` };
  return { type: 'operate', room, operation: changeOf(world, act.operation) };
}

/** Lines of a room on the screen of who opens it. */
const screenful = 12;

/** Whoever does something in a room has read what stands at its end. */
export function readingOf(world: World, i: number, room: RoomId): Command {
  const shown = [...world.device(i).vault.entries.values()]
    .map(({ entry }) => entry)
    .filter((entry) => entry.room === room && !entry.isStripped)
    .slice(-screenful);
  return { type: 'read', room, places: shown.map(({ device, seq }) => [device, seq] as const) };
}

function changeOf(world: World, operation: Operation): Change {
  switch (operation.type) {
    case 'remove':
    case 'add':
      return { type: operation.type, members: [world.device(operation.member).self.member], devices: [] };
    case 'remove-device':
      return { type: 'remove', members: [], devices: [world.device(operation.device).self.device] };
    case 'role':
      return { type: 'role', member: world.device(operation.member).self.member, role: operation.role };
    case 'policy':
      return operation;
    default:
      return operation satisfies never;
  }
}

/**
 * Mistakes, each put into a world from outside: around the engine, around what it starts from, at the relays. Each is one
 * that a program like this could have, and the simulation has to find it.
 */
import { readEntry } from '../../src/core/entry.ts';
import { openEnvelope, readHeader } from '../../src/core/envelope.ts';
import { signKeyIn } from '../../src/core/listed.ts';
import type { Event } from '../../src/engine/event.ts';
import type { Row } from '../../src/engine/row.ts';
import type { State } from '../../src/engine/state.ts';
import { step } from '../../src/engine/step.ts';
import { type Step, withKey, withoutKey } from '../../src/engine/turn.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import type { World } from '../kit/world.ts';

export interface Plant {
  readonly name: string;
  readonly alter: (world: World) => void;
}

/** What waits for the entries before it is taken as if they had come. */
function skipGaps(before: State, { state, effects }: Step, nowMs: number): Step {
  const rows: Row[] = [];
  let after = state;
  for (const [spot, { topic, bytes, until }] of state.parked) {
    if (before.parked.has(spot) || until === undefined || !('seq' in until)) continue;
    const room = after.rooms.get(after.topics.get(topic) ?? ('' as never));
    const epoch = room?.epochs.get(readHeader(bytes).tag);
    if (room === undefined || epoch === undefined) continue;
    const frame = openEnvelope(epoch, bytes);
    if (frame.type !== 'entry') continue;
    const entry = readEntry(frame.bytes, room.info.id, signKeyIn(after.list));
    const known = room.feeds.get(entry.device);
    if (known !== undefined && known.count > entry.seq) continue;
    const feed = { from: 0, ...known, count: entry.seq + 1, head: entry.id };
    after = {
      ...after,
      parked: withoutKey(after.parked, spot),
      rooms: withKey(after.rooms, room.info.id, { ...room, feeds: withKey(room.feeds, entry.device, feed) }),
    };
    rows.push({ type: 'entry', entry, sealed: true, receivedAtMs: nowMs, isNotable: false });
    rows.push({ type: 'unparked', id: idOfEnvelope(bytes), topic });
  }
  if (rows.length === 0) return { state, effects };
  const [first, ...rest] = effects;
  const others = first?.type === 'write' ? rest : effects;
  const written = first?.type === 'write' ? first.rows : [];
  return { state: after, effects: [{ type: 'write', rows: [...written, ...rows] }, ...others] };
}

/** Nobody who was in a room once is ever out of it. What was judged is changed where it is: it has parts of its own. */
function forgetRemovals(before: State, step: Step): Step {
  for (const [id, { membership }] of step.state.rooms) {
    const all = new Map([...(before.rooms.get(id)?.membership.roster ?? []), ...membership.roster]);
    if (all.size > membership.roster.size) Object.defineProperty(membership, 'roster', { value: all });
  }
  return step;
}

/** What comes is taken for read. Told is what others are to believe, so the room is told as if a person had looked. */
function takeForRead(before: State, made: Step, nowMs: number): Step {
  let { state } = made;
  const effects = [...made.effects];
  for (const [id, { feeds, isCurrent }] of made.state.rooms) {
    const grown = [...feeds].filter(
      ([device, { count }]) => count > (before.rooms.get(id)?.feeds.get(device)?.count ?? 0),
    );
    if (!isCurrent || grown.length === 0) continue;
    const places = grown.map(([device, { count }]) => [device, count - 1] as const);
    const random = (size: number) => new Uint8Array(size);
    const next = step(
      state,
      { type: 'command', id: 0, command: { type: 'read', room: id, places } },
      { nowMs, random },
    );
    const rows = [effects, next.effects].flatMap((each) => (each[0]?.type === 'write' ? each[0].rows : []));
    const rest = [...effects, ...next.effects].filter(({ type }) => type !== 'write');
    effects.splice(0, effects.length, ...(rows.length > 0 ? [{ type: 'write', rows } as const] : []), ...rest);
    state = next.state;
  }
  return { state, effects };
}

/** A relay that has less than before says that it has as much. */
function asIfWhole({ relays }: State, event: Event): Event {
  if (event.type !== 'frame' || event.frame.type !== 'live') return event;
  const { topic, upTo } = event.frame;
  const cursor = relays.get(event.relay)?.cursors.get(topic) ?? 0;
  return { ...event, frame: { ...event.frame, upTo: Math.max(upTo, cursor) } };
}

const around =
  (change: (before: State, step: Step, nowMs: number) => Step) =>
  (world: World): void => {
    const { step, restore } = world.engine;
    world.engine = { restore, step: (state, event, args) => change(state, step(state, event, args), args.nowMs) };
  };

export const plants: readonly Plant[] = [
  { name: 'a device takes entries without those before them', alter: around(skipGaps) },
  { name: 'a device drops removals', alter: around(forgetRemovals) },
  { name: 'a device takes for read what only came', alter: around(takeForRead) },
  {
    name: 'a device forgets its outbox in a crash',
    alter: (world) => {
      const { step, restore } = world.engine;
      world.engine = {
        step,
        restore: (self, list, from, entriesOf) => {
          for (const { vault } of world.devices.filter((device) => device.self === self))
            for (const [id, { isOwed }] of vault.shelf) if (isOwed) vault.shelf.delete(id);
          return restore(self, list, { ...from, parcels: [] }, entriesOf);
        },
      };
    },
  },
  {
    name: 'a device goes back to an older list',
    alter: (world) => {
      world.checkNext = () => undefined;
    },
  },
  {
    name: 'a device does not see that a relay was put back',
    alter: (world) => {
      const { step, restore } = world.engine;
      world.engine = { restore, step: (state, event, args) => step(state, asIfWhole(state, event), args) };
    },
  },
  {
    name: 'a relay acknowledges before its disk has it',
    alter: (world) => {
      for (const relay of world.relays) relay.answersEarly = true;
    },
  },
];

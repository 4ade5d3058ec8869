/** One attack for each of the rules R1 to R8, and the edits that take the rule out. True: the attack worked. */

import type { RoomId } from '../../../src/core/id.ts';
import type { Payload } from '../../../src/core/payload.ts';
import type { RelayFrame } from '../../../src/wire/frame.ts';
import type { Edit } from '../../kit/copy.ts';
import type { Siege } from '../../kit/siege.ts';
import type { World } from '../../kit/world.ts';

export interface Attack {
  readonly rule: string;
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly attack: (siege: Siege) => boolean;
}

const topicOf = (world: World, room: RoomId) => world.device(0).running.rooms.get(room)?.info.topic;

/** Relays bring a device nothing of the room's own topic; with `mute`, nobody anything that is not stored. */
function deafen(world: World, room: RoomId, i: number, mute: boolean): void {
  const topic = topicOf(world, room);
  world.tamper = (_, device, frame): readonly RelayFrame[] => {
    if (mute && frame.type === 'cast') return [];
    return device === world.device(i) && frame.type === 'deliver' && frame.topic === topic ? [] : [frame];
  };
}

/** What was ever sealed to a device: a removed one keeps its keys, and relays all that went to its inbox. */
function lootOf(world: World, i: number, { openPacket, readPayload }: Siege): readonly Payload[] {
  const { prekeys, pairs, self, inbox } = world.device(i).running;
  const packets = world.relays.flatMap((relay) => relay.topics.get(inbox) ?? []);
  return packets.map(({ bytes }) => readPayload(openPacket(bytes, prekeys, pairs, self.device).payload));
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b));

export const attacks: readonly Attack[] = [
  {
    rule: 'R1',
    name: 'an epoch is granted only by who holds every operation it names, to devices in the roster they yield',
    edits: [
      { file: 'src/core/epoch.ts', from: ' || !inner.control.every(facts.isKnown)', to: '' },
      {
        file: 'src/core/epoch.ts',
        from: 'inner.listVersion === facts.listVersion && !equal(',
        to: 'inner.listVersion < 0 && !equal(',
      },
      { file: 'src/engine/need.ts', from: 'if (!isJudgedAlike(room, epoch)) continue;', to: '' },
    ],
    // The removed one begs everybody for the key it sees in use; one of them has not heard of the removal.
    attack: (kit) => {
      const { world, room } = kit.inRoom(1, 4);
      deafen(world, room, 1, true);
      kit.move(world, 0, room, 'remove', 3);
      world.run(1_000);
      kit.say(world, 0, room, 'secret');
      world.run(60_000);
      const { announcement } = kit.epochIn(world, 0, room);
      return lootOf(world, 3, kit).some((each) => each.type === 'grant' && same(each.announcement, announcement));
    },
  },
  {
    rule: 'R2',
    name: 'an entry is given only by who holds every operation it names',
    edits: [{ file: 'src/engine/place.ts', from: 'if (operations.length > 0) {', to: 'if (operations.length > 99) {' }],
    // One who has not heard of the removal is given an entry from after it, and asked for it by the removed one.
    attack: (kit) => {
      const { world, room } = kit.inRoom(2, 4);
      const before = kit.epochIn(world, 3, room);
      for (const r of world.relays.keys()) world.part(1, r);
      kit.move(world, 0, room, 'remove', 3);
      world.run(2_000);
      kit.say(world, 2, room, 'secret');
      world.run(2_000);
      const entry = [...world.device(2).vault.entries.values()].find(
        (each) => each.entry.room === room && each.entry.device === world.device(2).self.device,
      )?.entry;
      if (entry === undefined) throw new Error('it was written');
      // Before the others get to tell it.
      world.heal();
      kit.slip(
        world,
        1,
        world.device(1).running.inbox,
        kit.packetTo(world, 1, { type: 'give', room, entries: [entry.bytes] }),
      );
      const { keys, device } = world.device(3).self;
      const facts = { device, timeMs: world.nowMs, operations: [], nonce: world.random(16) };
      const want = kit.makeWant(keys.sign, room, { ...facts, ranges: [[entry.device, 0, 1]] });
      const bytes = kit.sealEnvelope(before, 0, want, world.random);
      const topic = topicOf(world, room);
      if (topic === undefined) throw new Error('device 0 is in the room');
      world.hand(1, 0, { type: 'cast', topic, bytes });
      world.run(5_000);
      return lootOf(world, 3, kit).some(
        (each) => each.type === 'give' && each.entries.some((given) => same(given, entry.bytes)),
      );
    },
  },
  {
    rule: 'R3',
    name: 'a repeated request is another one, and goes to others',
    edits: [
      {
        file: 'src/engine/need.ts',
        from: 'operations, nonce: turn.random(16) }',
        to: 'operations, nonce: new Uint8Array(16) }',
      },
    ],
    // The three who are asked the first time hold their tongue.
    attack: (kit) => {
      const { world, room } = kit.inRoom(3, 7);
      const [victim, author] = [1, 2];
      const ids = world.devices.map(({ self }) => self.device);
      const others = ids.filter((id) => id !== ids[victim]).sort();
      deafen(world, room, victim, false);
      kit.say(world, author, room, 'what to do');
      world.run(1_500);
      for (const id of others.slice(0, 3)) world.crash(ids.indexOf(id));
      world.run(1_200_000);
      return !kit.textsIn(world, victim, room).includes('what to do');
    },
  },
  {
    rule: 'R4',
    name: 'a device is silent until what lets it in is in its log',
    edits: [{ file: 'src/engine/feed.ts', from: 'if (!room.membership.roster.has(self.device))', to: 'if (false)' }],
    // Its person writes before it knows, and believes to have been heard.
    attack: (kit) => {
      const { world, room } = kit.inRoom(4, 4);
      kit.move(world, 0, room, 'remove', 3);
      world.run(3_000);
      for (const r of world.relays.keys()) world.part(3, r);
      kit.move(world, 0, room, 'add', 3);
      const id = world.command(3, { type: 'send-text', room, text: 'I am back' });
      world.heal();
      world.run(30_000);
      const wasTaken = !(world.device(3).results.get(id) instanceof Error);
      return wasTaken && !kit.textsIn(world, 0, room).includes('I am back');
    },
  },
  {
    rule: 'R5',
    name: 'an operation that is named and unknown is fetched before anything is sent',
    edits: [{ file: 'src/engine/feed.ts', from: 'const holdMs = 5_000;', to: 'const holdMs = 0;' }],
    // A relay holds a removal back from somebody who is about to write.
    attack: (kit) => {
      const { world, room } = kit.inRoom(5, 4);
      deafen(world, room, 1, false);
      kit.move(world, 0, room, 'remove', 3);
      world.run(1_000);
      kit.say(world, 1, room, 'secret');
      world.run(20_000);
      if (!kit.textsIn(world, 0, room).includes('secret')) throw new Error('it has to come through');
      return kit.textsIn(world, 3, room).includes('secret');
    },
  },
  {
    rule: 'R6',
    name: 'a grant carries the secret its opener signed a commitment to',
    edits: [{ file: 'src/core/epoch.ts', from: 'if (!sameSecret(commitment, inner.commitment))', to: 'if (false)' }],
    // A member opens an epoch and gives one of the others a secret of its own: what that one writes, only it can read.
    attack: (kit) => {
      const { world, room } = kit.inRoom(6, 4);
      const { self } = world.device(3);
      const { roster } = kit.roomIn(world, 0, room).membership;
      const facts = { room, control: [], listVersion: 1, roster };
      const epoch = kit.openEpoch(self.keys.sign, self.device, facts, world.nowMs, world.random);
      const other = kit.openEpoch(self.keys.sign, self.device, facts, world.nowMs, world.random);
      for (const i of [0, 2]) kit.grantTo(world, 3, i, epoch);
      kit.grantTo(world, 3, 1, { ...epoch, secret: other.secret });
      kit.say(world, 1, room, 'can you read me?');
      world.run(20_000);
      return !kit.textsIn(world, 0, room).includes('can you read me?');
    },
  },
  {
    rule: 'R7',
    name: 'an epoch is opened by a device that its own operations leave in the room',
    edits: [
      {
        file: 'src/core/epoch.ts',
        from: 'const opener = named.get(inner.device);',
        to: 'const opener = facts.rosterAt([]).get(inner.device);',
      },
      {
        file: 'src/core/epoch.ts',
        from: 'opener === undefined || !facts.roster.has(inner.device)',
        to: 'opener === undefined',
      },
      { file: 'src/core/epoch.ts', from: ' || !facts.roster.has(epoch.device)', to: '' },
    ],
    // The removed one opens the next epoch itself, for the others, "covering" its removal.
    attack: (kit) => {
      const { world, room } = kit.inRoom(7, 4);
      kit.move(world, 0, room, 'remove', 3);
      world.run(3_000);
      const { self } = world.device(3);
      const { roster, heads } = kit.roomIn(world, 0, room).membership;
      const facts = { room, control: heads, listVersion: 1, roster };
      const epoch = kit.openEpoch(self.keys.sign, self.device, facts, world.nowMs, world.random);
      for (const i of [0, 1, 2]) kit.grantTo(world, 3, i, epoch);
      kit.say(world, 0, room, 'secret');
      world.run(3_000);
      const topic = topicOf(world, room);
      const sealed = topic === undefined ? [] : (world.relay(0).topics.get(topic) ?? []);
      return sealed.some(({ bytes }) => {
        try {
          return kit.openEnvelope(epoch, bytes).type === 'entry';
        } catch {
          return false; // sealed in another epoch
        }
      });
    },
  },
  {
    rule: 'R8',
    name: 'an author keeps what it wrote until every relay has it',
    edits: [
      {
        file: 'src/engine/outbox.ts',
        from: '[...relays].every((each) => held.includes(each))',
        to: 'held.length > 0',
      },
      // What is on the shelf is brought as well.
      { file: 'src/engine/outbox.ts', from: 'isKept: parcel.isKept', to: 'isKept: false' },
    ],
    // The one relay that was up loses its disk before anybody else was there to read.
    attack: (kit) => {
      const { world, room } = kit.inRoom(8, 3);
      for (const i of [1, 2]) world.crash(i);
      for (const r of [1, 2]) world.stopRelay(r);
      kit.say(world, 0, room, 'shown as sent');
      world.run(5_000);
      for (const r of [1, 2]) world.startRelay(r);
      world.run(5_000);
      world.loseDisk(0);
      world.run(5_000);
      world.crash(0);
      world.start(1, 2);
      world.run(20_000);
      return !kit.textsIn(world, 1, room).includes('shown as sent');
    },
  },
];

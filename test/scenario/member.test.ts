/** A member whose device misbehaves: it can lie about itself, and can neither block the others nor take an alarm from them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../src/core/assess.ts';
import type { Body } from '../../src/core/body.ts';
import { startOf } from '../../src/core/drill.ts';
import { entriesOf, readLog } from '../../src/core/drillLog.ts';
import { makeHave, sealEnvelope } from '../../src/core/envelope.ts';
import { openEpoch } from '../../src/core/epoch.ts';
import { deviceId } from '../../src/core/id.ts';
import type { DrillPlan } from '../../src/core/list.ts';
import type { Report } from '../../src/core/report.ts';
import { drillRoom, hashRoster, type RoomInfo, readRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { DrillFacts } from '../kit/muster.ts';
import { epochIn, everyone, forge, grantTo, roomIn, sealed, slip, talked, textsOf, write } from '../kit/rogue.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

const facts: DrillFacts = {
  fromMs: 1_800_000_010_000,
  toMs: 1_800_000_020_000,
  openWithinMs: 5_000,
  answerWithinMs: 30_000,
  escalateAfterMs: 60_000,
  closeAfterMs: 60_000,
  coordinators: [0, 1],
};

function planOf(world: World): DrillPlan {
  const [plan] = world.founded.list.drills;
  if (plan === undefined) throw new Error('a drill is planned');
  return plan;
}
const roomOf = (world: World): RoomInfo => drillRoom(world.founded.list, planOf(world));
const startMs = (world: World) => startOf(world.founded.list, planOf(world));

/** To every device but its author's, as if the author had appended it everywhere. */
function spread(world: World, by: number, body: Body, place: Parameters<typeof forge>[4] = {}): void {
  const room = roomOf(world);
  const entry = forge(world, by, room.id, body, place);
  const envelope = sealed(world, by, entry);
  for (const i of world.devices.keys()) slip(world, i, room.topic, envelope);
}

function reports(world: World): readonly (Report | undefined)[] {
  const plan = planOf(world);
  const { list } = world.founded;
  return world.devices.map(({ vault, state }) =>
    state === undefined
      ? undefined
      : assess(list, plan, entriesOf(list, plan, readLog(list, roomOf(world).id, vault.entriesOf(roomOf(world).id)))),
  );
}

describe('a member', () => {
  it('who says to hold feeds of devices that do not exist does not make what is kept of it grow', () => {
    const world = talked(1);
    const room = everyone(world);
    const epoch = epochIn(world, 0, room.id);
    const { self } = world.device(2);
    for (let n = 0; n < 5; n++) {
      const spans = Array.from({ length: 500 }, () => [deviceId.of(world.random(32)), 0, 9] as const);
      const have = makeHave(self.keys.sign, room.id, { device: self.device, timeMs: world.nowMs, spans, ask: false });
      world.hand(0, 0, { type: 'cast', topic: room.topic, bytes: sealEnvelope(epoch, 0, have, world.random) });
    }
    expect(roomIn(world, 0, room.id).haves.get(self.device)?.size).toBeLessThanOrEqual(3);
  });

  it('who opens many epochs, dated far ahead, drives out no epoch of another and leaves nobody busy for ever', () => {
    const world = talked(2);
    const room = everyone(world);
    const ours = epochIn(world, 1, room.id);
    const { self } = world.device(2);
    for (let n = 0; n < 80; n++) {
      const farMs = world.nowMs + 400 * 86_400_000 + n * 600_000;
      const roster = world.founded.list.devices;
      grantTo(
        world,
        2,
        1,
        openEpoch(
          self.keys.sign,
          self.device,
          { room: room.id, control: [], listVersion: 1, roster },
          farMs,
          world.random,
        ),
      );
    }
    expect(roomIn(world, 1, room.id).epochs.has(ours.tag)).toBe(true);
    write(world, 1, 'still heard');
    world.run(3_000);
    expect(textsOf(world.device(0))).toEqual(['one', 'still heard']);
    // A day later the room needs a new epoch, and gets one.
    world.run(25 * 3_600_000);
    write(world, 1, 'the day after');
    world.run(5_000);
    expect(textsOf(world.device(0))).toContain('the day after');
    expect(world.device(1).running.outbox.size).toBe(0);
  });

  it('who opens forty epochs within the hour is not followed beyond what anyone needs', () => {
    const world = talked(8);
    const room = everyone(world);
    const { self } = world.device(2);
    const facts = { room: room.id, control: [], listVersion: 1, roster: world.founded.list.devices };
    for (let n = 0; n < 40; n++)
      grantTo(world, 2, 1, openEpoch(self.keys.sign, self.device, facts, world.nowMs + n, world.random));
    const theirs = [...roomIn(world, 1, room.id).epochs.values()].filter((epoch) => epoch.device === self.device);
    expect(theirs.length).toBe(20);
    // It had opened the one that everyone sends in.
    expect(world.device(1).refused.filter(({ code }) => code === 'too-large').length).toBe(21);
  });

  it('cannot invite to another room for everyone, in which every device would open epochs day after day', () => {
    const world = talked(3);
    const { list } = world.founded;
    const real = everyone(world).genesis;
    // Another salt makes it another room; the salt is the 32 bytes before the end.
    const genesis = real.slice();
    genesis[genesis.length - 3] = (genesis.at(-3) ?? 0) ^ 1;
    const info = readRoom(genesis, list);
    expect(info.kind).toBe('org');
    const { self } = world.device(2);
    const epoch = openEpoch(
      self.keys.sign,
      self.device,
      { room: info.id, control: [], listVersion: 1, roster: list.devices },
      world.nowMs,
      world.random,
    );
    expect(hashRoster(list.devices.keys())).toEqual(epoch.roster);
    grantTo(world, 2, 1, epoch, genesis);
    expect(world.device(1).running.rooms.has(info.id)).toBe(false);
    expect(world.device(1).refused.map((each) => each.code)).toEqual(['out-of-place']);
  });

  it('who writes far ahead in its own feed costs no more than a look each time something comes', () => {
    const world = talked(4);
    const room = everyone(world);
    const previous = forge(world, 2, room.id, { type: 'text', text: 'never sent' });
    const ahead = Array.from({ length: 400 }, (_, n) =>
      sealed(
        world,
        2,
        forge(world, 2, room.id, { type: 'text', text: `ahead ${n}` }, { seq: 5_000 + n, previous: previous.id }),
      ),
    );
    slip(world, 0, room.topic, ...ahead);
    expect(world.device(0).running.parked.size).toBe(400);
    const fromMs = performance.now();
    for (let n = 0; n < 30; n++) write(world, 0, `${n}`);
    // Opened anew each time it would be 24,000 signature checks, several seconds.
    expect(performance.now() - fromMs).toBeLessThan(1_500);
  });

  it('who is a coordinator and closes before the drill, or during it, takes the alarm from nobody', () => {
    const world = talked(5, 3, [facts]);
    world.run(startMs(world) - world.nowMs - 2_000);
    const epoch = openEpoch(
      world.device(1).self.keys.sign,
      world.device(1).self.device,
      { room: roomOf(world).id, control: [], listVersion: 1, roster: world.founded.list.devices },
      world.nowMs,
      world.random,
    );
    for (const i of [0, 1, 2]) grantTo(world, 2, i, epoch);
    spread(world, 1, { type: 'close', drill: planOf(world).id, cut: [] });
    world.run(4_000);
    for (const device of world.devices) expect(device.raised).toHaveLength(1);
    // One dated after the end, as if it were over already.
    spread(world, 1, { type: 'close', drill: planOf(world).id, cut: [] }, { timeMs: startMs(world) + 70_000 });
    const answered = world.command(2, { type: 'answer', drill: planOf(world).id, answer: 'there' });
    expect(() => world.result(2, answered)).not.toThrow();
  });

  it.each([
    ['outside its window', 5_000_000],
    ['elsewhere in its window', 1],
  ])('who is a coordinator and opens with a start %s blocks neither the drill nor its report', (_, off) => {
    const world = talked(6, 3, [{ ...facts, coordinators: [0, 1] }]);
    world.run(startMs(world) - world.nowMs - 2_000);
    const epoch = openEpoch(
      world.device(1).self.keys.sign,
      world.device(1).self.device,
      { room: roomOf(world).id, control: [], listVersion: 1, roster: world.founded.list.devices },
      world.nowMs,
      world.random,
    );
    for (const i of [0, 1, 2]) grantTo(world, 2, i, epoch);
    spread(world, 1, { type: 'alarm', drill: planOf(world).id, startedAtMs: startMs(world) + off });
    world.run(4_000);
    expect(world.device(2).running.drills.get(planOf(world).id)?.opened?.device).toBe(world.device(0).self.device);
    world.command(2, { type: 'answer', drill: planOf(world).id, answer: 'there' });
    world.run(80_000);
    for (const report of reports(world)) expect(report?.figures.acknowledged).toBe(1);
  });

  it('who is a coordinator and closes with a wrong cut does not keep the other’s closing from giving the report', () => {
    for (const wrong of ['more than there is', 'another place than it stands in'] as const) {
      const world = talked(7, 3, [facts]);
      world.run(startMs(world) + 3_000 - world.nowMs);
      world.command(2, { type: 'answer', drill: planOf(world).id, answer: 'there' });
      world.run(56_000);
      // Just before the true one, and dated before it.
      const room = roomOf(world);
      const count = roomIn(world, 1, room.id).feeds.get(world.device(1).self.device)?.count ?? 0;
      const cut =
        wrong === 'more than there is'
          ? [[world.device(0).self.device, 900] as const, [world.device(1).self.device, count] as const]
          : [[world.device(1).self.device, count + 7] as const];
      spread(world, 1, { type: 'close', drill: planOf(world).id, cut }, { timeMs: startMs(world) + 60_000 });
      // What its own software would make of it is nobody's concern.
      world.crash(1);
      world.run(20_000);
      const [first, , other] = reports(world);
      expect(first?.figures.acknowledged).toBe(1);
      expect(first?.drill.director).toBe('P01');
      expect(other).toEqual(first);
    }
  });
});

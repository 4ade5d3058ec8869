/** A device of many rooms that need it all at once: it does so in steps that are short, and does all of it. */
import { beforeAll, expect, it } from 'vitest';
import { makeRoom, orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { pickEpoch } from '../../src/engine/epoch.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const count = 20;

it('opens epochs one a step, so that whoever types does not wait for all of them', () => {
  const world = new World(1, { members: 4 });
  const { list } = world.founded;
  const { vault, self } = world.device(0);
  const facts = { kind: 'incident', members: list.members.map(({ id }) => id), founder: self.device } as const;
  for (let i = 0; i < count; i++) {
    const room = makeRoom(list, { ...facts, title: `Incident ${i}` }, world.nowMs - 86_400_000, world.random);
    vault.apply([{ type: 'room', room: room.id, genesis: room.genesis }]);
  }
  let most = 0;
  let steps = 0;
  world.onStep = (_device, _state, _event, _args, { effects }) => {
    const rows = effects.flatMap((effect) => (effect.type === 'write' ? effect.rows : []));
    const opened = rows.filter(({ type }) => type === 'epoch').length;
    most = Math.max(most, opened);
    if (opened > 0) steps += 1;
  };
  world.start(0);
  world.run(60_000);
  const { rooms } = world.device(0).running;
  expect(most).toBe(1);
  expect(steps).toBeGreaterThan(count);
  for (const room of rooms.values()) expect(pickEpoch(room, list, world.nowMs), room.info.id).toBeDefined();
  expect(rooms.has(orgRoom(list).id)).toBe(true);
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/entry.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { addToFeed } from '../../../src/engine/feed.ts';
import { restore } from '../../../src/engine/restore.ts';
import { judged, makeRoomState, withOperation } from '../../../src/engine/room.ts';
import { Turn } from '../../../src/engine/turn.ts';
import { MemoryVault } from '../../kit/memoryVault.ts';
import { makeStage, operationsOf, Script } from '../../kit/operations.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

/** A member who was put out and let in again writes once before they know, and once when they do. */
function letInAgain() {
  const stage = makeStage({ roles: ['commander', 'responder'], inRoom: [0, 1] });
  const { remove, add } = operationsOf(stage);
  const script = new Script(stage);
  const unaware = script.says(1);
  const out = script.does(0, remove([1]));
  const back = script.does(0, add([1]), [out]);
  return { stage, unaware, out, back, aware: script.says(1, [back]) };
}

describe('which places of a feed count', () => {
  const voidsAfter = (joining: readonly Entry[], { stage, out, back, aware }: ReturnType<typeof letInAgain>) => {
    const self = { device: stage.device(0), member: stage.member(0), keys: stage.keys(0), prekeys: [] };
    const vault = new MemoryVault();
    const { state } = restore({ ...self, app: 'test', factor: 'passphrase' }, stage.list, vault.load(), () => []);
    const turn = new Turn(state, { nowMs: 1_800_000_000_000, random: seeded(1) });
    // They came ahead of their feeds, so that no entry tells of an operation that is not known.
    const told = [out, back, aware].reduce(withOperation, makeRoomState(stage.room, stage.list));
    turn.setRoom(judged(told, stage.list));
    for (const entry of joining) addToFeed(turn, entry);
    const room = turn.room(stage.room.id);
    expect(room.voids).toEqual(judged(room, stage.list).voids);
    return room.voids.get(stage.device(1));
  };

  it('shows with the first entry of a feed', () => {
    const facts = letInAgain();
    expect(voidsAfter([facts.unaware], facts)).toEqual([{ from: 0 }]);
  });

  it('shows with an entry by which its author knew more, whether or not that is news here', () => {
    const facts = letInAgain();
    expect(voidsAfter([facts.unaware, facts.aware], facts)).toEqual([{ from: 0, to: 1 }]);
  });
});

/** Operations without end: what one device can make the others do. */
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { encodeBody } from '../../src/core/body.ts';
import { makeEntry } from '../../src/core/entry.ts';
import type { EntryId } from '../../src/core/id.ts';
import { Judgement } from '../../src/core/judgement.ts';
import { Membership } from '../../src/core/membership.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom } from '../kit/insideRoom.ts';
import { roomIn, sealed, slip } from '../kit/rogue.ts';

beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

it('many operations that come together are judged together, and not each anew', () => {
  const { world, room } = inRoom(1, 3);
  const { self } = world.device(0);
  const envelopes: Uint8Array[] = [];
  let previous: EntryId | undefined;
  for (let seq = 0; seq < 128; seq++) {
    const entry = makeEntry(self.keys.sign, room, {
      device: self.device,
      seq,
      ...(previous === undefined ? {} : { previous }),
      heads: [],
      timeMs: world.nowMs,
      control: previous === undefined ? [] : [previous],
      body: encodeBody({ type: 'policy', history: 'none', horizon: 'default' }),
      salt: world.random(16),
    });
    previous = entry.id;
    envelopes.push(sealed(world, 0, entry));
  }
  const spy = vi.spyOn(Judgement.prototype, 'outcome');
  slip(world, 1, roomIn(world, 1, room).info.topic, ...envelopes);
  const whenTheyCame = spy.mock.calls.length;
  const { info, control, membership } = roomIn(world, 1, room);
  expect(control.operations.size).toBe(128);
  expect([...membership.verdicts.values()].every((verdict) => verdict === 'counts')).toBe(true);
  spy.mockClear();
  expect(new Membership(info, world.founded.list, control).verdicts).toEqual(membership.verdicts);
  // Each anew it would be some sixty times as often.
  expect(spy.mock.calls.length).toBeGreaterThan(100);
  expect(whenTheyCame).toBeLessThan(6 * spy.mock.calls.length);
});

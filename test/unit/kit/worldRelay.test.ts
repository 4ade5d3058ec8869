/** The relay of the worlds: what a crash, a disk put back and a lost disk leave of it. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import { relayId, topicId } from '../../../src/wire/id.ts';
import { seeded } from '../../kit/random.ts';
import { WorldRelay } from '../../kit/worldRelay.ts';

beforeAll(loadSodium);

function made() {
  const random = seeded(1);
  const topic = topicId.of(random(32));
  const relay = new WorldRelay(relayId.of(random(32)));
  const envelopes = [0, 1, 2, 3].map(() => random(80));
  const bytesOf = (i: number) => envelopes[i] ?? new Uint8Array();
  const placeOf = (bytes: Uint8Array) => envelopes.findIndex((each) => Buffer.from(each).equals(bytes));
  return {
    relay,
    put: (i: number) => relay.put(topic, bytesOf(i), i),
    there: () => relay.after(topic, 0).map(({ bytes }) => placeOf(bytes)),
    onDisk: (i: number) => relay.hasOnDisk(topic, idOfEnvelope(bytesOf(i))),
  };
}

it('loses in a crash what it only showed, and gives no offset twice', () => {
  const { relay, put, there, onDisk } = made();
  put(0);
  relay.sync(relay.puts);
  const shown = put(1).stored.offset;
  expect(there()).toEqual([0, 1]);
  expect([onDisk(0), onDisk(1)]).toEqual([true, false]);
  relay.crash();
  expect(there()).toEqual([0]);
  expect(put(2).stored.offset).toBeGreaterThan(shown);
  expect(put(0).isNew).toBe(false);
});

it('syncs what was put before, and not what came meanwhile', () => {
  const { relay, put, there } = made();
  put(0);
  const { puts } = relay;
  put(1);
  relay.sync(puts);
  relay.crash();
  expect(there()).toEqual([0]);
});

it('is what it was, under the same name, when its disk is put back; and another when that is gone', () => {
  const { relay, put, there } = made();
  for (const i of [0, 1, 2]) put(i);
  relay.sync(relay.puts);
  const { store } = relay;
  relay.rollBack(1);
  expect(there()).toEqual([0, 1]);
  expect(put(3).stored.offset).toBe(3);
  expect(relay.store).toBe(store);
  relay.wipe('another');
  expect(there()).toEqual([]);
  expect(relay.store).toBe('another');
});

it('that keeps nothing shows it once and has it never', () => {
  const { relay, put, there, onDisk } = made();
  relay.keeps = () => false;
  expect(put(0).isNew).toBe(true);
  relay.sync(relay.puts);
  expect(there()).toEqual([]);
  expect(onDisk(0)).toBe(false);
});

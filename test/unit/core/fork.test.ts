/** Proofs of a fork: no honest device can be framed with what it signed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../../src/core/body.ts';
import { type Entry, makeEntry, stripEntry } from '../../../src/core/entry.ts';
import { proveFork, readFork } from '../../../src/core/fork.ts';
import type { EntryId, RoomId } from '../../../src/core/id.ts';
import { signKeyIn } from '../../../src/core/listed.ts';
import { orgRoom } from '../../../src/core/room.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { field, encode, rawBytes, record } from '../../../src/wire/cbor.ts';
import { faultOf } from '../../kit/fault.ts';
import { makeStage } from '../../kit/operations.ts';
import { seeded } from '../../kit/random.ts';

await loadSodium();
beforeAll(loadSodium);

const stage = makeStage({ roles: ['commander', 'responder'], inRoom: [0, 1] });
const random = seeded(3);
const keyOf = signKeyIn(stage.list);
const room = stage.room.id;

function entry(who: number, seq: number, previous?: EntryId, where: RoomId = room): Entry {
  return makeEntry(stage.keys(who).sign, where, {
    device: stage.device(who),
    seq,
    ...(previous === undefined ? {} : { previous }),
    heads: [],
    timeMs: 1,
    control: [],
    body: encodeBody({ type: 'text', text: 'on it' }),
    salt: random(16),
  });
}
const proof = record({ first: field(1, rawBytes({ max: 4096 })), second: field(2, rawBytes({ max: 4096 })) });

/** As an accuser would put it who does not use `proveFork`, in both orders and with or without content. */
const accuse = (a: Entry, b: Entry): readonly string[] =>
  [
    [a.bytes, b.bytes],
    [b.bytes, a.bytes],
    [stripEntry(a.bytes), b.bytes],
    [stripEntry(a.bytes), stripEntry(b.bytes)],
    [stripEntry(b.bytes), stripEntry(a.bytes)],
  ].map(([first, second]) =>
    faultOf(() => readFork(encode(proof, { first: first ?? a.bytes, second: second ?? b.bytes }), room, keyOf)),
  );

const zero = entry(0, 0);
const one = entry(0, 1, zero.id);
const two = entry(0, 2, one.id);

describe('convicts', () => {
  it('a device that signed two entries for one place, whether or not their content is there', () => {
    const other = entry(0, 1, zero.id);
    for (const [a, b] of [
      [one.bytes, other.bytes],
      [stripEntry(other.bytes), one.bytes],
    ] as const)
      expect(readFork(proveFork(a, b, room, keyOf), room, keyOf)).toEqual({ device: stage.device(0), seq: 1 });
  });

  it('a device whose entry follows another one than it signed', () => {
    const other = entry(0, 2, entry(0, 1, zero.id).id);
    const made = proveFork(other.bytes, one.bytes, room, keyOf);
    expect(readFork(made, room, keyOf)).toEqual({ device: stage.device(0), seq: 1 });
  });
});

describe('does not convict an honest device', () => {
  it.each([
    ['by one entry twice, once without its content', one, one],
    ['by an entry and the next', zero, one],
    ['by two further apart', zero, two],
    ['by entries of two devices for one place', zero, entry(1, 0)],
    ['by entries of two devices one place apart', zero, entry(1, 1, entry(1, 0).id)],
  ] as const)('%s', (_, a, b) => {
    // Whole entries are no proof in any order: a proof has one form.
    expect(accuse(a, b)).toEqual(['malformed', 'malformed', 'malformed', 'out-of-place', 'out-of-place']);
    expect(faultOf(() => proveFork(a.bytes, b.bytes, room, keyOf))).toBe('out-of-place');
  });

  it('by what it wrote for the same place of another room', () => {
    const elsewhere = entry(0, 0, undefined, orgRoom(stage.list).id);
    expect(new Set(accuse(zero, elsewhere))).toEqual(new Set(['bad-signature']));
  });

  it('by an entry that another device signed in its name', () => {
    const forged = makeEntry(stage.keys(1).sign, room, {
      device: stage.device(0),
      seq: 0,
      heads: [],
      timeMs: 1,
      control: [],
      body: encodeBody({ type: 'text', text: 'I resign' }),
      salt: random(16),
    });
    expect(new Set(accuse(zero, forged))).toEqual(new Set(['bad-signature']));
  });

  it('by a signature, content or place that was changed afterwards', () => {
    const bytes = stripEntry(one.bytes);
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      const accusation = encode(proof, { first: stripEntry(one.bytes), second: altered });
      expect(
        faultOf(() => readFork(accusation, room, keyOf)),
        `byte ${at}`,
      ).not.toBe('none');
    }
  });
});

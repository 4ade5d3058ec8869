/** Attacks on ciphertexts and signed records, each named for what it tries. Those on sealed packets: packet.test.ts. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { open, seal, sealOverhead } from '../../../src/core/aead.ts';
import { encodeBody } from '../../../src/core/body.ts';
import { makeEntry, readEntry, readSkeleton, stripEntry } from '../../../src/core/entry.ts';
import { openEnvelope, sealEnvelope } from '../../../src/core/envelope.ts';
import { openEpoch, type RoomFacts } from '../../../src/core/epoch.ts';
import { proveFork, readFork } from '../../../src/core/fork.ts';
import type { OwnPrekey } from '../../../src/core/prekey.ts';
import { makeRoom, orgRoom } from '../../../src/core/room.ts';
import { loadSodium, sodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import type { Self } from '../../../src/engine/state.ts';
import { concat, equal, fromHex, hex, utf8 } from '../../../src/wire/bytes.ts';
import { faultOf } from '../../kit/fault.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

const nowMs = 1_800_000_000_000;

function cast() {
  const random = seeded(4);
  const founded = foundMuster(random, { members: 2 });
  const at = (i: number): Self & { readonly prekey: OwnPrekey } => {
    const self = founded.selves[i];
    const prekey = self?.prekeys[0];
    if (self === undefined || prekey === undefined) throw new Error('two were founded');
    return { ...self, prekey };
  };
  const room = orgRoom(founded.list);
  const facts: RoomFacts = { room: room.id, control: [], listVersion: 1, roster: founded.list.devices };
  return { random, founded, at, room, facts };
}

describe('invisible salamanders: one ciphertext that opens under two keys', () => {
  const key = new Uint8Array(32).fill(1);
  const aad = utf8('header');
  let sealed: Uint8Array;
  beforeAll(() => {
    sealed = seal(key, aad, utf8('pay Alice'), seeded(1));
  });
  const decryptions = () => vi.spyOn(sodium(), 'crypto_aead_xchacha20poly1305_ietf_decrypt');

  it('nothing is decrypted under a key, header or nonce that the sender did not commit to', () => {
    const spy = decryptions();
    const alter = (at: number) => sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(faultOf(() => open(new Uint8Array(32).fill(2), aad, sealed))).toBe('bad-commitment');
    expect(faultOf(() => open(key, utf8('Header'), sealed))).toBe('bad-commitment');
    for (let at = 0; at < 24 + 32; at++) expect(faultOf(() => open(key, aad, alter(at)))).toBe('bad-commitment');
    expect(spy).not.toHaveBeenCalled();
    expect(faultOf(() => open(key, aad, alter(24 + 32)))).toBe('bad-ciphertext');
    expect(spy).toHaveBeenCalledTimes(1);
  });

  it('a ciphertext whose body and tag are right under a second key is refused for its commitment', () => {
    // What an attacker who controls both keys would hand the second victim: sealed for it, under the first commitment.
    const second = seal(new Uint8Array(32).fill(2), aad, utf8('pay Mallory'), () => sealed.slice(0, 24));
    const grafted = concat(sealed.subarray(0, 56), second.subarray(56));
    expect(faultOf(() => open(key, aad, grafted))).toBe('bad-ciphertext');
    expect(faultOf(() => open(new Uint8Array(32).fill(2), aad, grafted))).toBe('bad-commitment');
  });

  it('sealing twice never gives the same bytes', () => {
    const random = seeded(2);
    const made = [1, 2, 3].map(() => seal(key, aad, utf8('same'), random));
    expect(new Set(made.map((bytes) => idOfEnvelope(bytes))).size).toBe(3);
    expect(made.every((bytes) => bytes.length === 4 + sealOverhead)).toBe(true);
  });
});

describe('entries', () => {
  it('sealed again by a helper, in another epoch and bucket, are the same entry', () => {
    const { at, facts, random, room } = cast();
    const [ada, bela] = [at(0), at(1)];
    const body = encodeBody({ type: 'text', text: 'mail is down' });
    const made = makeEntry(ada.keys.sign, room.id, {
      device: ada.device,
      seq: 0,
      heads: [],
      timeMs: nowMs,
      control: [],
      body,
      salt: random(16),
    });
    const epochs = [ada, bela].map((self) => openEpoch(self.keys.sign, self.device, facts, nowMs, random));
    const envelopes = epochs.map((epoch, i) =>
      sealEnvelope(epoch, 3 * i, { type: 'entry', bytes: made.bytes }, random),
    );
    const read = envelopes.map((envelope, i) => {
      const [epoch] = epochs.slice(i);
      if (epoch === undefined) throw new Error('there are two');
      const frame = openEnvelope(epoch, envelope);
      if (frame.type !== 'entry') throw new Error('an entry was sealed');
      return readEntry(frame.bytes, room.id, (device) => facts.roster.get(device)?.signKey);
    });
    expect(idOfEnvelope(envelopes[0] ?? new Uint8Array())).not.toBe(idOfEnvelope(envelopes[1] ?? new Uint8Array()));
    expect(read.map((entry) => entry.id)).toEqual([made.id, made.id]);
    expect(read.every((entry) => equal(entry.bytes, made.bytes))).toBe(true);
  });

  it('do not confirm a guess at a short text: the same text has another id each time', () => {
    const { at, random, room } = cast();
    const body = encodeBody({ type: 'text', text: 'yes' });
    const ids = [1, 2].map(
      () =>
        makeEntry(at(0).keys.sign, room.id, {
          device: at(0).device,
          seq: 0,
          heads: [],
          timeMs: nowMs,
          control: [],
          body,
          salt: random(16),
        }).id,
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('are not what their author signed with other words, another salt, or in another room', () => {
    const { at, founded, random, room, facts } = cast();
    const [ada, bela] = [at(0), at(1)];
    const keyOf = (device: string) => facts.roster.get(device as typeof ada.device)?.signKey;
    const say = (text: string, by = ada, where = room.id) =>
      makeEntry(by.keys.sign, where, {
        device: by.device,
        seq: 0,
        heads: [],
        timeMs: nowMs,
        control: [],
        body: encodeBody({ type: 'text', text }),
        salt: random(16),
      });
    const [yes, no] = [say('yes'), say('no!')];
    const put = (part: Uint8Array, other: Uint8Array) => fromHex(hex(yes.bytes).replace(hex(part), hex(other)));
    for (const altered of [put(yes.body, no.body), put(yes.salt, no.salt)])
      expect(faultOf(() => readEntry(altered, room.id, keyOf))).toBe('bad-signature');
    const bare = stripEntry(yes.bytes);
    expect(readSkeleton(bare, room.id, keyOf).id).toBe(yes.id);
    expect(hex(bare)).not.toContain(hex(yes.salt));
    const swapped = fromHex(hex(bare).slice(0, -64) + hex(stripEntry(no.bytes)).slice(-64));
    expect(faultOf(() => readSkeleton(swapped, room.id, keyOf))).toBe('bad-signature');
    const group = { kind: 'incident', title: 'x', members: [ada.member, bela.member], founder: ada.device } as const;
    const other = makeRoom(founded.list, group, nowMs, random);
    for (const bytes of [yes.bytes, bare])
      expect(faultOf(() => readSkeleton(bytes, other.id, keyOf))).toBe('bad-signature');
  });

  it('of two devices, of two rooms or in order prove no fork, and a proof convicts who signed both', () => {
    const { at, founded, random, room, facts } = cast();
    const [ada, bela] = [at(0), at(1)];
    const keyOf = (device: string) => facts.roster.get(device as typeof ada.device)?.signKey;
    const place = { heads: [], timeMs: nowMs, control: [] };
    const say = (by: typeof ada, text: string, previous?: ReturnType<typeof makeEntry>, where = room.id) =>
      makeEntry(by.keys.sign, where, {
        device: by.device,
        seq: previous === undefined ? 0 : previous.seq + 1,
        ...(previous === undefined ? {} : { previous: previous.id }),
        ...place,
        body: encodeBody({ type: 'text', text }),
        salt: random(16),
      });
    const first = say(ada, 'one');
    const next = say(ada, 'two', first);
    const other = makeRoom(
      founded.list,
      { kind: 'direct', title: '', members: [ada.member], founder: ada.device },
      nowMs,
      random,
    );
    const prove = (a: { readonly bytes: Uint8Array }, b: { readonly bytes: Uint8Array }) =>
      faultOf(() => proveFork(a.bytes, b.bytes, room.id, keyOf));
    expect(prove(first, next)).toBe('out-of-place');
    expect(prove(first, first)).toBe('out-of-place');
    expect(prove(first, { bytes: stripEntry(first.bytes) })).toBe('out-of-place');
    expect(prove(first, say(bela, 'one'))).toBe('out-of-place');
    expect(prove(first, say(ada, 'one', undefined, other.id))).toBe('bad-signature');
    const copy = say(ada, 'another one');
    expect(readFork(proveFork(first.bytes, copy.bytes, room.id, keyOf), room.id, keyOf)).toEqual({
      device: ada.device,
      seq: 0,
    });
    expect(readFork(proveFork(next.bytes, copy.bytes, room.id, keyOf), room.id, keyOf)).toEqual({
      device: ada.device,
      seq: 0,
    });
  });
});

/** Attacks on ciphertexts and signed records, each named for what it tries. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { open, seal, sealOverhead } from '../../../src/core/aead.ts';
import { encodeBody } from '../../../src/core/body.ts';
import { makeEntry, readEntry } from '../../../src/core/entry.ts';
import { openEnvelope, sealEnvelope } from '../../../src/core/envelope.ts';
import { openEpoch, type RoomFacts } from '../../../src/core/epoch.ts';
import { deviceId, prekeyId } from '../../../src/core/id.ts';
import { openPacket, sealPacket } from '../../../src/core/packet.ts';
import { makePrekey, type OwnPrekey } from '../../../src/core/prekey.ts';
import { orgRoom } from '../../../src/core/room.ts';
import { loadSodium, sodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import type { Self } from '../../../src/engine/state.ts';
import { concat, equal, utf8 } from '../../../src/wire/bytes.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

const nowMs = 1_800_000_000_000;

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (fault) {
    if (fault instanceof PeerFault) return fault.code;
    throw fault;
  }
  return 'none';
};

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

describe('sealed packets', () => {
  it('to another prekey of the same device do not open, not even with the header rewritten', () => {
    const { at, founded, random } = cast();
    const bela = at(1);
    const next = makePrekey(
      bela.keys.sign,
      bela.device,
      { seq: 1, previous: bela.prekey.id },
      { nowMs, forMs: 1 },
      random,
    );
    const listed = founded.list.devices.get(bela.device)?.prekey;
    if (listed === undefined) throw new Error('it is on the list');
    const packet = sealPacket(listed, utf8('grant'), random);
    const recipient = deviceId.bytes(bela.device);
    expect(openPacket(packet, [next, bela.prekey], recipient)).toEqual(utf8('grant'));
    expect(faultOf(() => openPacket(packet, [next], recipient))).toBe('unknown-key');
    const rewritten = packet.slice();
    rewritten.set(prekeyId.bytes(next.id).subarray(0, 16), 2);
    expect(faultOf(() => openPacket(rewritten, [next], recipient))).toBe('bad-commitment');
  });

  it('do not open as another device, though it holds the prekey', () => {
    const { at, founded, random } = cast();
    const listed = founded.list.devices.get(at(1).device)?.prekey;
    if (listed === undefined) throw new Error('it is on the list');
    const packet = sealPacket(listed, utf8('grant'), random);
    expect(faultOf(() => openPacket(packet, [at(1).prekey], deviceId.bytes(at(0).device)))).toBe('bad-commitment');
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
});

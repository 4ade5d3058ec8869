/** Attacks on what is sealed: altered, taken for something else, sealed twice from one state, opened before it is checked. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { seal } from '../../../src/core/aead.ts';
import { encodeBody } from '../../../src/core/body.ts';
import { makeEntry } from '../../../src/core/entry.ts';
import { openEnvelope, readHeader, sealEnvelope } from '../../../src/core/envelope.ts';
import { type Epoch, messageKey, openEpoch } from '../../../src/core/epoch.ts';
import { prekeyId, roomId } from '../../../src/core/id.ts';
import { maxChain, openPacket, sealPacket, startChain } from '../../../src/core/packet.ts';
import { pad } from '../../../src/core/padding.ts';
import { makePrekey, type Prekey, readPrekey } from '../../../src/core/prekey.ts';
import { loadSodium, sodium } from '../../../src/core/sodium.ts';
import { hash } from '../../../src/core/verify.ts';
import { concat, equal, hex, utf8 } from '../../../src/wire/bytes.ts';
import { decode } from '../../../src/wire/cbor.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { faultOf } from '../../kit/fault.ts';
import { castOfGrants } from '../../kit/grant.ts';
import { seeded } from '../../kit/random.ts';

vi.mock('../../../src/wire/cbor.ts', async (load) => {
  const real = await load<typeof import('../../../src/wire/cbor.ts')>();
  return { ...real, decode: vi.fn(real.decode) };
});
beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

const nowMs = 1_800_000_000_000;

const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** An envelope and a packet, and who can open them. */
function sealing() {
  const { random, facts, at, epoch } = castOfGrants();
  const self = at(0);
  const say = (text: string) => {
    const place = { device: self.device, seq: 0, heads: [], timeMs: nowMs, control: [], salt: random(16) };
    return makeEntry(self.keys.sign, facts.room, { ...place, body: encodeBody({ type: 'text', text }) });
  };
  const put = (text: string, by: Epoch = epoch) =>
    sealEnvelope(by, 0, { type: 'entry', bytes: say(text).bytes }, random);
  const [prekey] = at(1).prekeys;
  if (prekey === undefined) throw new Error('it was made with one');
  const listed = readPrekey(prekey.record, { id: at(1).device, signKey: at(1).keys.sign.publicKey });
  const open = (packet: Uint8Array, ours = [prekey]) => openPacket(packet, ours, new Map(), at(1).device);
  return { random, facts, at, epoch, say, put, prekey, listed, open, chain: () => startChain(listed, random) };
}

describe('a header or a nonce that the tag does not cover', () => {
  it('there is none: no byte of an envelope or a packet can be another, in front of the ciphertext or in it', () => {
    const { put, epoch, chain, open, random } = sealing();
    const envelope = put('x');
    for (let at = 0; at < envelope.length; at++)
      expect(() => openEnvelope(epoch, flip(envelope, at))).toThrow(PeerFault);
    const { packet } = sealPacket(chain(), utf8('x'), random);
    const places = [...Array(40).keys(), ...Array.from({ length: packet.length - 1_160 }, (_, i) => 1_160 + i)];
    for (const at of places) expect(() => open(flip(packet, at))).toThrow(PeerFault);
  });
});

describe('a packet taken for an envelope, and an envelope for a packet', () => {
  it('are refused by their second byte, and by their key where that is changed', () => {
    const { put, epoch, chain, open, random } = sealing();
    const [envelope, { packet }] = [put('x'), sealPacket(chain(), utf8('x'), random)];
    expect(faultOf(() => readHeader(packet))).toBe('malformed');
    expect(faultOf(() => open(envelope))).toBe('malformed');
    const posed = concat(new Uint8Array([1, 1]), packet.subarray(2));
    expect(
      faultOf(() => openEnvelope(epoch, concat(posed.subarray(0, 10), new Uint8Array(2), posed.subarray(12)))),
    ).toBe('bad-commitment');
    expect(faultOf(() => open(concat(new Uint8Array([1, 2]), envelope.subarray(2))))).not.toBe('none');
  });
});

describe('an oracle before the tag', () => {
  it('there is none: nothing is parsed of what does not hold, whatever stands in it', () => {
    const { put, epoch, chain, open, random } = sealing();
    const [envelope, { packet }] = [put('x'), sealPacket(chain(), utf8('x'), random)];
    vi.mocked(decode).mockClear();
    const last = (bytes: Uint8Array) => bytes.length - 1;
    for (const at of [2, 10, 12, 40, 68, last(envelope)]) faultOf(() => openEnvelope(epoch, flip(envelope, at)));
    for (const at of [2, 18, 34, 40, 1_160, 1_190, last(packet)]) faultOf(() => open(flip(packet, at)));
    expect(decode).not.toHaveBeenCalled();
    openEnvelope(epoch, envelope);
    expect(decode).toHaveBeenCalledTimes(1);
  });

  it('a tag that holds is looked at before padding, and padding before form', () => {
    const { epoch, random, put } = sealing();
    const header = put('x').subarray(0, 12);
    const put0 = (plain: Uint8Array) => concat(header, seal(messageKey(epoch, 0), header, plain, random));
    const noise = new Uint8Array(256).fill(0xff);
    expect(faultOf(() => openEnvelope(epoch, put0(noise)))).toBe('bad-padding');
    expect(faultOf(() => openEnvelope(epoch, put0(pad(noise))))).toBe('malformed');
    const envelope = put0(pad(noise));
    expect(faultOf(() => openEnvelope(epoch, flip(envelope, envelope.length - 1)))).toBe('bad-ciphertext');
  });

  it('nor by size: nothing is compressed before it is sealed', () => {
    const { put } = sealing();
    const noise = hex(seeded(9)(1_000));
    expect(put('a'.repeat(2_000)).length).toBe(put(noise).length);
    expect(put(`${noise}${noise}`).length).toBe(put(noise + hex(seeded(10)(1_000))).length);
  });
});

describe('sealing twice from one state', () => {
  it('a machine that was put back seals with equal counters under other nonces: no key comes from a counter', () => {
    const { epoch, say, chain } = sealing();
    const entry = say('x');
    const before = chain();
    const runs = [seeded(11), seeded(12)].map((random) => ({
      envelope: sealEnvelope(epoch, 3, { type: 'entry', bytes: entry.bytes }, random),
      packet: sealPacket({ ...before, isHeard: true }, utf8('x'), random).packet,
    }));
    const [a, b] = runs;
    if (a === undefined || b === undefined) throw new Error('there are two');
    expect(a.envelope.subarray(0, 12)).toEqual(b.envelope.subarray(0, 12));
    expect(a.packet.subarray(0, 40)).toEqual(b.packet.subarray(0, 40));
    for (const [one, other, at] of [[a.envelope, b.envelope, 12] as const, [a.packet, b.packet, 40] as const]) {
      expect(hex(one.subarray(at, at + 24))).not.toBe(hex(other.subarray(at, at + 24)));
      // Nonce, and with it key and commitment, are others; nothing of one ciphertext stands in the other.
      expect(hex(one.subarray(at + 24, at + 56))).not.toBe(hex(other.subarray(at + 24, at + 56)));
      expect(hex(one.subarray(at + 56))).not.toBe(hex(other.subarray(at + 56)));
    }
  });
});

describe('key encapsulation', () => {
  it('implicit rejection: an altered ciphertext whose reference was put right gives no plaintext and a typed fault', () => {
    const { chain, open, random } = sealing();
    const { packet } = sealPacket(chain(), utf8('grant'), random);
    for (const at of [0, 500, 1_087, 1_088, 1_119]) {
      const altered = flip(packet, 40 + at);
      altered.set(hash('kem', altered.subarray(40, 40 + 1_120)).subarray(0, 16), 18);
      expect(faultOf(() => open(altered))).toBe('bad-commitment');
    }
  });

  it('key confusion: one X-Wing key under two records is two prekeys, and a packet to one opens as no other', () => {
    const { at, random, prekey, listed, open } = sealing();
    const life = { nowMs, forMs: 1 };
    const seed = prekey.seed.open().slice();
    const again = makePrekey(at(1).keys.sign, at(1).device, { seq: 1, previous: prekey.id }, life, () => seed.slice());
    const read: Prekey = readPrekey(again.record, { id: at(1).device, signKey: at(1).keys.sign.publicKey });
    expect(equal(read.key, listed.key)).toBe(true);
    const { packet } = sealPacket(startChain(listed, random), utf8('grant'), random);
    packet.set(prekeyId.bytes(again.id).subarray(0, 16), 2);
    expect(faultOf(() => open(packet, [again]))).toBe('bad-commitment');
  });

  it('one-time keys cannot run out: there are none, and a thousand packets to one prekey all open, in any order', () => {
    const { chain, open, random, prekey } = sealing();
    const packets = Array.from({ length: 1_000 }, (_, n) => sealPacket(chain(), utf8(`${n}`), random).packet).reverse();
    const decapsulations = vi.spyOn(sodium(), 'crypto_kem_xwing_dec');
    expect(packets.map((packet) => Buffer.from(open(packet).payload).toString())).toEqual(
      Array.from({ length: 1_000 }, (_, n) => `${999 - n}`),
    );
    expect(decapsulations).toHaveBeenCalledTimes(1_000);
    expect(prekey.seed.open().every((byte) => byte === 0)).toBe(false);
    expect(maxChain).toBe(1_024);
  });

  it('an epoch’s secret under another room opens nothing that was sealed in its own', () => {
    const { put, epoch, facts, at, random } = sealing();
    const other = { ...epoch, room: roomId.of(random(32)) };
    expect(faultOf(() => openEnvelope(other, put('x')))).toBe('bad-commitment');
    const next = openEpoch(at(0).keys.sign, at(0).device, facts, nowMs, random);
    expect(faultOf(() => openEnvelope({ ...next, secret: epoch.secret }, put('x')))).toBe('bad-commitment');
  });
});

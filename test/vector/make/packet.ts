/** Sealed packets: the first of a chain, later ones with and without the encapsulation, and what does not open. */
import { type DeviceId, prekeyId } from '../../../src/core/id.ts';
import { derive } from '../../../src/core/key.ts';
import { type Chain, maxChain, type Pair, sealPacket, startChain } from '../../../src/core/packet.ts';
import { makePrekey, type OwnPrekey } from '../../../src/core/prekey.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type Bytes, concat, hex, u16be, u32be, utf8 } from '../../../src/wire/bytes.ts';
import type { Input, Vector } from '../subject.ts';
import { bad, flip, nowMs, ok, type Scene } from './scene.ts';

/** Where parts of a packet stand. */
const at = { prekey: 2, kem: 18, index: 34, size: 38, ciphertext: 40, nonce: 40 + 1120 };

const put = (bytes: Bytes, place: number, part: Bytes): Bytes =>
  concat(bytes.subarray(0, place), part, bytes.subarray(place + part.length));

/** The chain after so many packets that nobody sees. */
function advance(chain: Chain, places: number): Chain {
  let secret = chain.secret.open();
  for (let i = 0; i < places; i++) secret = derive(secret, 'packet-next', 32);
  return { ...chain, secret: new Secret('pair', secret), index: chain.index + places };
}

interface Reader {
  readonly own?: readonly OwnPrekey[];
  readonly device?: DeviceId;
  readonly pairs?: ReadonlyMap<string, Pair>;
}

export function packetVectors(scene: Scene): readonly Vector[] {
  const { random, prekey, listPrekey, bela, ada } = scene;
  const payload = utf8('a grant goes here');
  const life = { nowMs, forMs: 1 };
  const other = makePrekey(bela.keys.sign, bela.device, { seq: 1, previous: prekey.id }, life, random);
  const chain = startChain(listPrekey, random);
  const pair: Pair = { prekey: prekey.id, secret: chain.secret };
  const ref = hex(chain.kem.subarray(0, 16));
  const kept = new Map([[ref, pair]]);
  const seal = (from: Chain) => sealPacket(from, payload, random).packet;
  const heard = { ...chain, isHeard: true };
  const input = (bytes: Bytes, { own = [prekey], device = bela.device, pairs = new Map() }: Reader = {}): Input => ({
    packet: hex(bytes),
    prekeys: own.map(({ record, seed }) => ({ record: hex(record), seed: hex(seed.open()) })),
    pairs: [...pairs].map(([name, each]) => ({ ref: name, prekey: each.prekey, secret: hex(each.secret.open()) })),
    recipient: device,
  });
  const opens = (name: string, bytes: Bytes, reader: Reader = {}) =>
    ok(name, input(bytes, reader), { payload, ref, prekey: prekey.id, secret: chain.secret.open() });
  const cold = seal(chain);
  const warm = seal(advance(heard, 3));
  const wrong = (why: string, expect: string, place: number) => bad(why, expect, input(flip(cold, place)));
  const moved = (bytes: Bytes, index: number) => put(bytes, at.index, u32be(index));
  const renamed = (bytes: Bytes) => put(bytes, at.prekey, prekeyId.bytes(other.id).subarray(0, 16));
  const elsewhere = startChain(listPrekey, random);
  const both = new Map([...kept, [hex(elsewhere.kem.subarray(0, 16)), { ...pair, secret: elsewhere.secret }]]);
  return [
    opens('a payload', cold),
    opens('the second of its chain, with the encapsulation once more', seal(advance(chain, 1))),
    opens('the fourth, without the encapsulation, which was kept', warm, { pairs: kept }),
    opens('the first, where the encapsulation was kept', cold, { pairs: kept }),
    opens('the last place of a chain', seal(advance(heard, maxChain - 1)), { pairs: kept }),
    opens('to a device that has the next prekey as well', cold, { own: [other, prekey] }),
    bad('one place beyond the last of a chain', 'malformed', input(seal(advance(heard, maxChain)), { pairs: kept })),
    bad('without the encapsulation, which was not kept', 'unknown-key', input(warm)),
    bad(
      'without the encapsulation, where that of another chain was kept',
      'unknown-key',
      input(warm, { pairs: new Map([...both].slice(1)) }),
    ),
    bad('the encapsulation was kept and the seed was erased', 'unknown-key', input(warm, { own: [], pairs: kept })),
    bad('sealed to another prekey of the device', 'unknown-key', input(cold, { own: [other] })),
    bad('sealed to one prekey, naming another', 'bad-commitment', input(renamed(cold), { own: [prekey, other] })),
    bad(
      'naming another prekey than the encapsulation that was kept',
      'malformed',
      input(renamed(warm), { own: [prekey, other], pairs: kept }),
    ),
    bad('read as another device', 'bad-commitment', input(cold, { device: ada.device })),
    bad('moved on in its chain', 'bad-commitment', input(moved(cold, 1))),
    bad('moved back in its chain', 'bad-commitment', input(moved(warm, 2), { pairs: kept })),
    bad('moved beyond any chain', 'malformed', input(moved(cold, 2 ** 31))),
    bad(
      'moved to another chain',
      'bad-commitment',
      input(put(warm, at.kem, elsewhere.kem.subarray(0, 16)), { pairs: both }),
    ),
    bad('the encapsulation of another chain', 'malformed', input(put(cold, at.ciphertext, elsewhere.ciphertext))),
    wrong('suite 0', 'unknown-suite', 0),
    wrong('type 3', 'malformed', 1),
    wrong('another prekey is named', 'unknown-key', at.prekey),
    wrong('another encapsulation is named', 'malformed', at.kem),
    wrong('a length that is not of X-Wing', 'malformed', at.size + 1),
    wrong('an altered encapsulation', 'malformed', at.ciphertext),
    wrong('an altered nonce', 'bad-commitment', at.nonce),
    wrong('an altered commitment', 'bad-commitment', at.nonce + 24),
    wrong('an altered payload', 'bad-ciphertext', -1),
    bad(
      'said to have an encapsulation and without',
      'malformed',
      input(put(warm, at.size, u16be(1120)), { pairs: kept }),
    ),
    bad('cut within the encapsulation', 'malformed', input(cold.subarray(0, 1000))),
    bad('cut within the header', 'malformed', input(cold.subarray(0, 39))),
    bad('nothing at all', 'unknown-suite', input(new Uint8Array())),
  ];
}

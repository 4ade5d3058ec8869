/** Attacks on sealed packets and their chains, each named for what it tries. */
import { beforeAll, describe, expect, it } from 'vitest';
import { open } from '../../../src/core/aead.ts';
import { prekeyId } from '../../../src/core/id.ts';
import { derive } from '../../../src/core/key.ts';
import { type Chain, maxChain, openPacket, type Pair, sealPacket, startChain } from '../../../src/core/packet.ts';
import { makePrekey, type OwnPrekey } from '../../../src/core/prekey.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { hex, u32be, utf8 } from '../../../src/wire/bytes.ts';
import { faultOf } from '../../kit/fault.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const nowMs = 1_800_000_000_000;

describe('sealed packets', () => {
  const life = { nowMs, forMs: 1 };
  const none: ReadonlyMap<string, Pair> = new Map();

  /** Béla with a prekey that is on the list and the next one, and Ada's chain to the first. */
  function sealing() {
    const random = seeded(4);
    const { selves, list } = foundMuster(random, { members: 2 });
    const [ada, other] = selves;
    const [prekey] = other?.prekeys ?? [];
    if (ada === undefined || other === undefined || prekey === undefined) throw new Error('two were founded');
    const bela = { ...other, prekey };
    const listed = list.devices.get(bela.device)?.prekey;
    if (listed === undefined) throw new Error('it is on the list');
    const next = makePrekey(bela.keys.sign, bela.device, { seq: 1, previous: bela.prekey.id }, life, random);
    return { ada, bela, next, random, chain: startChain(listed, random), startAgain: () => startChain(listed, random) };
  }
  const rewritten = (packet: Uint8Array, at: number, part: Uint8Array) => {
    const altered = packet.slice();
    altered.set(part, at);
    return altered;
  };

  it('to another prekey of the same device do not open, not even with the header rewritten', () => {
    const { bela, next, random, chain } = sealing();
    const { packet } = sealPacket(chain, utf8('grant'), random);
    const open = (bytes: Uint8Array, ours: readonly OwnPrekey[]) => openPacket(bytes, ours, none, bela.device);
    expect(open(packet, [next, bela.prekey]).payload).toEqual(utf8('grant'));
    expect(faultOf(() => open(packet, [next]))).toBe('unknown-key');
    const renamed = rewritten(packet, 2, prekeyId.bytes(next.id).subarray(0, 16));
    expect(faultOf(() => open(renamed, [next]))).toBe('bad-commitment');
    // Nor where the encapsulation was kept with the prekey it came to.
    const { ref, pair } = open(packet, [bela.prekey]);
    const kept = new Map([[ref, pair]]);
    expect(faultOf(() => openPacket(renamed, [next, bela.prekey], kept, bela.device))).toBe('malformed');
  });

  it('do not open as another device, though it holds the prekey', () => {
    const { ada, bela, random, chain } = sealing();
    const { packet } = sealPacket(chain, utf8('grant'), random);
    expect(faultOf(() => openPacket(packet, [bela.prekey], none, ada.device))).toBe('bad-commitment');
  });

  it('moved to another place in their chain do not open', () => {
    const { bela, random, chain } = sealing();
    const packets = [0, 1, 2].reduce<{ readonly chain: Chain; readonly made: readonly Uint8Array[] }>(
      ({ chain: at, made }) => {
        const sealed = sealPacket(at, utf8('grant'), random);
        return { chain: sealed.chain, made: [...made, sealed.packet] };
      },
      { chain, made: [] },
    ).made;
    const outcomes = packets.map((packet) =>
      [0, 1, 2, 3, maxChain - 1, maxChain].map((index) =>
        faultOf(() => openPacket(rewritten(packet, 34, u32be(index)), [bela.prekey], none, bela.device)),
      ),
    );
    const row = (own: number) => [0, 1, 2, 3, 4].map((i) => (i === own ? 'none' : 'bad-commitment'));
    expect(outcomes).toEqual([0, 1, 2].map((own) => [...row(own), 'malformed']));
  });

  it('moved to another chain of the same two devices do not open', () => {
    const { bela, random, chain, startAgain } = sealing();
    const other = startAgain();
    const [first, second] = [chain, other].map((each) => sealPacket(each, utf8('grant'), random).packet);
    if (first === undefined || second === undefined) throw new Error('two were sealed');
    const pairs = new Map(
      [first, second].map((packet) => {
        const { ref, pair } = openPacket(packet, [bela.prekey], none, bela.device);
        return [ref, pair] as const;
      }),
    );
    const { packet } = sealPacket({ ...chain, isHeard: true }, utf8('grant'), random);
    const open = (bytes: Uint8Array) => openPacket(bytes, [bela.prekey], pairs, bela.device);
    expect(open(packet).payload).toEqual(utf8('grant'));
    expect(faultOf(() => open(rewritten(packet, 18, other.kem.subarray(0, 16))))).toBe('bad-commitment');
    // With the other's encapsulation put in as well, for a recipient that kept neither.
    const grafted = rewritten(rewritten(first, 18, other.kem.subarray(0, 16)), 40, other.ciphertext);
    expect(faultOf(() => openPacket(grafted, [bela.prekey], none, bela.device))).toBe('bad-commitment');
  });

  it('whoever takes what the sender keeps opens what comes, and nothing that was sent', () => {
    const { bela, random, chain } = sealing();
    const first = sealPacket(chain, utf8('first'), random);
    const second = sealPacket(first.chain, utf8('second'), random);
    const third = sealPacket(second.chain, utf8('third'), random);
    expect(hex(second.chain.secret.open())).not.toBe(hex(chain.secret.open()));
    /** What opens under any key that follows from the secret the sender kept after the second. */
    const stolen = (packet: Uint8Array): string => {
      let secret = second.chain.secret.open();
      for (let i = 0; i < 8; i++) {
        const key = derive(secret, 'packet-key', 32);
        const sealed = packet.subarray(40 + 1120);
        if (faultOf(() => open(key, packet.subarray(0, 38), sealed)) === 'none') return 'opened';
        secret = derive(secret, 'packet-next', 32);
      }
      return 'closed';
    };
    expect([first, second, third].map(({ packet }) => stolen(packet))).toEqual(['closed', 'closed', 'opened']);
    const recipient = (packet: Uint8Array) => openPacket(packet, [bela.prekey], none, bela.device).payload;
    expect([third, second, first].map(({ packet }) => recipient(packet))).toEqual(
      ['third', 'second', 'first'].map((text) => utf8(text)),
    );
  });

  it('do not open once the seed is erased, though the encapsulation was kept', () => {
    const { bela, next, random, chain } = sealing();
    const first = sealPacket(chain, utf8('grant'), random);
    const { ref, pair } = openPacket(first.packet, [bela.prekey], none, bela.device);
    const pairs = new Map([[ref, pair]]);
    const warm = sealPacket({ ...first.chain, isHeard: true }, utf8('grant'), random).packet;
    expect(faultOf(() => openPacket(warm, [bela.prekey], pairs, bela.device))).toBe('none');
    for (const packet of [first.packet, warm])
      expect(faultOf(() => openPacket(packet, [next], pairs, bela.device))).toBe('unknown-key');
    expect(faultOf(() => openPacket(warm, [bela.prekey], none, bela.device))).toBe('unknown-key');
    // What is left of it in memory gives nothing either.
    bela.prekey.seed.wipe();
    expect(faultOf(() => openPacket(first.packet, [bela.prekey], none, bela.device))).toBe('bad-commitment');
  });
});

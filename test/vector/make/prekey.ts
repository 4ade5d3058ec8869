/** Prekeys: one by one, and what comes after what in a device's chain. */
import type { DeviceId } from '../../../src/core/id.ts';
import { sign } from '../../../src/core/key.ts';
import { makePrekey, type OwnPrekey } from '../../../src/core/prekey.ts';
import { type Bytes, hex } from '../../../src/wire/bytes.ts';
import { decode, encode, field, maybe, record, uint } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { any, bad, changed, flip, nowMs, ofSuite, ok, type Scene, signed } from './scene.ts';

const wide = record({
  suite: field(1, uint()),
  device: field(2, any),
  seq: field(3, uint()),
  previous: maybe(4, any),
  key: field(5, any),
  created: field(6, uint()),
  notAfter: field(7, uint()),
});

export function prekeyVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, prekey, random } = scene;
  const life = { nowMs, forMs: 30 * 86_400_000 };
  const parts = decode(signed, prekey.record);
  const key = bela.keys.sign;
  const input = (bytes: Bytes, device: DeviceId = bela.device, signKey: Bytes = key.publicKey): Input => ({
    prekey: hex(bytes),
    device,
    signKey: hex(signKey),
  });
  const make = (seq: number, previous?: OwnPrekey) =>
    makePrekey(key, bela.device, previous === undefined ? { seq } : { seq, previous: previous.id }, life, random);
  const second = make(1, prekey);
  const third = make(2, second);
  const shown = (own: typeof prekey, chain: object) => ({
    suite: 1,
    device: bela.device,
    ...chain,
    key: decode(wide, decode(signed, own.record).body).key,
    createdAtMs: nowMs,
    notAfterMs: nowMs + life.forMs,
    id: own.id,
  });
  const resigned = (body: Bytes, label: 'prekey' | 'entry' = 'prekey') =>
    encode(signed, { body, signature: sign(key, label, body) });
  const altered = (changes: Parameters<typeof changed<typeof parts>>[2] | object, of = parts.body) =>
    input(resigned(changed(wide, of, changes as object)));
  const secondBody = decode(signed, second.record).body;
  const { previous: _, ...unlinked } = decode(wide, secondBody);
  return [
    ok('the first of a device', input(prekey.record), shown(prekey, { seq: 0 })),
    ok('the second, naming the first', input(second.record), shown(second, { seq: 1, previous: prekey.id })),
    bad('of another device', 'out-of-place', input(prekey.record, ada.device, ada.keys.sign.publicKey)),
    bad('suite 2', 'unknown-suite', input(resigned(ofSuite(parts.body, 2)))),
    bad('signed under another label', 'bad-signature', input(resigned(parts.body, 'entry'))),
    bad(
      'signed by another device',
      'bad-signature',
      input(encode(signed, { ...parts, signature: sign(ada.keys.sign, 'prekey', parts.body) })),
    ),
    bad('an altered key', 'bad-signature', input(flip(prekey.record, 200))),
    bad('cut short', 'malformed', input(prekey.record.subarray(0, -1))),
    bad('the first, with a predecessor', 'malformed', altered({ seq: 0 }, secondBody)),
    bad('the second, without one', 'malformed', input(resigned(encode(wide, unlinked)))),
    bad('a key of 1,215 bytes', 'malformed', altered({ key: new Uint8Array(1215) })),
    bad('a position of 2^32', 'malformed', altered({ seq: 2 ** 32 }, secondBody)),
    bad('a device of 31 bytes', 'malformed', altered({ device: new Uint8Array(31) })),
    ...chainVectors(input, { first: prekey, second, third, make }),
  ];
}

function chainVectors(
  input: (bytes: Bytes) => Input,
  chain: {
    readonly first: OwnPrekey;
    readonly second: OwnPrekey;
    readonly third: OwnPrekey;
    readonly make: (seq: number, previous?: OwnPrekey) => OwnPrekey;
  },
): readonly Vector[] {
  const { first, second, third, make } = chain;
  const after = (next: OwnPrekey, known: OwnPrekey): Input => ({ ...input(next.record), known: hex(known.record) });
  const holds = (name: string, next: OwnPrekey, known: OwnPrekey, isNewer: boolean) =>
    ok(name, after(next, known), { id: next.id, isNewer });
  const forged = make(0);
  const forgedNext = make(1, forged);
  return [
    holds('the next of the chain is newer', second, first, true),
    holds('one further on is newer, though the one between is not known', third, first, true),
    holds('the one before is older', first, second, false),
    holds('one further back is older', first, third, false),
    holds('the same is not newer', second, second, false),
    holds('an older one of another chain is not newer, and nothing can be concluded', forged, second, false),
    bad('another first', 'equivocation', after(forged, first)),
    bad('another second', 'equivocation', after(make(1, first), second)),
    bad('a second that names another first', 'equivocation', after(forgedNext, first)),
    bad('a third that names another second', 'equivocation', after(make(2, forgedNext), second)),
  ];
}

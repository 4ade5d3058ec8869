/**
 * A request for grants: a device that sees envelopes of an epoch it was not granted asks a few of the others for it.
 * Signed, so that nobody can have keys sent by asking in another's name; what it is then given still depends on what
 * the one asked knows of the room (rule R1), not on the request.
 */
import type { Bytes } from '../wire/bytes.ts';
import { type Coded, decode, encode, field, list, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import type { SignKeyOf } from './entry.ts';
import { deviceId, roomId } from './id.ts';
import { type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { maxPrekeyBytes } from './prekey.ts';
import { verify } from './verify.ts';

export const maxTags = 16;

const body = record({
  suite: field(1, uint(255)),
  device: field(2, deviceId),
  room: field(3, roomId),
  /** Tags of the epochs it saw. None: whatever is sent in now. */
  tags: field(4, list(rawBytes({ size: 8 }), maxTags)),
  /** A repeated request is another one, not the same again (rule R3). */
  nonce: field(5, rawBytes({ size: 16 })),
  timeMs: field(6, uint()),
  /** The prekey to answer to, where the one asked may know only an older one. */
  prekey: maybe(7, rawBytes({ max: maxPrekeyBytes })),
});
export type Need = Omit<Coded<typeof body>, 'suite'>;

export const need = record({
  body: field(1, rawBytes({ max: 2048 })),
  signature: field(2, rawBytes({ size: 64 })),
});

export function makeNeed(key: SignKey, facts: Need): Coded<typeof need> {
  const bytes = encode(body, { suite, ...facts });
  return { body: bytes, signature: sign(key, 'need', bytes) };
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`, `not-a-member`, `bad-signature`. */
export function readNeed(value: { readonly body: Bytes; readonly signature: Bytes }, signKeyOf: SignKeyOf): Need {
  const inner = decode(body, value.body);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `a request of suite ${inner.suite} is not known here`);
  const key = signKeyOf(inner.device);
  if (key === undefined) throw new PeerFault('not-a-member', 'a device that is not on the list asks for grants');
  if (!verify(key, value.signature, 'need', value.body))
    throw new PeerFault('bad-signature', 'a request for grants is not signed by who it names');
  return inner;
}

/**
 * Names of things: hashes or random bytes, carried as bytes on the wire and as branded lower-case hex in
 * memory (a Map cannot be keyed by bytes). The brand is given only by a checking function.
 */
import { type Bytes, equal, fromHex, hex } from './bytes.ts';
import { type Codec, mapped, rawBytes } from './cbor.ts';
import { CallerFault, PeerFault } from './fault.ts';

declare const brand: unique symbol;
export type Id<B extends string> = string & { readonly [brand]: B };

/** SHA-256 of the relay's TLS public key (SubjectPublicKeyInfo, DER). */
export type RelayId = Id<'relay'>;
/** Where envelopes of one kind gather at a relay; random-looking to it. */
export type TopicId = Id<'topic'>;
/** BLAKE2b-256 of the envelope's bytes. */
export type EnvelopeId = Id<'envelope'>;
/** BLAKE2b-256 of the organisation's genesis: its fingerprint. */
export type OrgId = Id<'org'>;
/** Public half of the key a device shows to relays; 32 bytes Ed25519. */
export type AccessKey = Id<'access'>;

export interface IdKind<B extends string> extends Codec<Id<B>> {
  /** From bytes that must have this id's size; throws `PeerFault('malformed')`. */
  of(bytes: Bytes): Id<B>;
  /** From text a person typed or a program passed; throws `CallerFault('invalid')`. */
  parse(text: string): Id<B>;
  bytes(id: Id<B>): Bytes;
  is(value: unknown): value is Id<B>;
}

export function idKind<B extends string>(name: B, size = 32): IdKind<B> {
  const pattern = new RegExp(`^[0-9a-f]{${size * 2}}$`);
  const of = (bytes: Bytes): Id<B> => {
    if (bytes.length !== size) throw new PeerFault('malformed', `a ${name} id has ${size} bytes`);
    return hex(bytes) as Id<B>;
  };
  // An append names the same topic many times in a row, and making the text costs more than all the rest of it.
  let last: { readonly bytes: Bytes; readonly id: Id<B> } | undefined;
  const ofAgain = (bytes: Bytes): Id<B> => {
    if (last === undefined || !equal(last.bytes, bytes)) last = { id: of(bytes), bytes: bytes.slice() };
    return last.id;
  };
  const codec = mapped(rawBytes({ size }), ofAgain, fromHex);
  return {
    read: codec.read,
    write: codec.write,
    of,
    bytes: (id) => fromHex(id),
    is: (value): value is Id<B> => typeof value === 'string' && pattern.test(value),
    parse(text) {
      const clean = text.trim().toLowerCase();
      if (!pattern.test(clean)) throw new CallerFault('invalid', `a ${name} id is ${size * 2} hexadecimal digits`);
      return clean as Id<B>;
    },
  };
}

export const relayId: IdKind<'relay'> = idKind('relay');
export const topicId: IdKind<'topic'> = idKind('topic');
export const envelopeId: IdKind<'envelope'> = idKind('envelope');
export const orgId: IdKind<'org'> = idKind('org');
export const accessKey: IdKind<'access'> = idKind('access');

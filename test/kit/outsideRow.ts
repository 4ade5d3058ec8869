/** What a row of the table in outside.ts is. */
import type { Bytes } from '../../src/wire/bytes.ts';

type Trait =
  /** Not CBOR from the first byte on. */
  | 'raw'
  /** Every bit is under a signature, a hash that is signed, or a commitment. */
  | 'sealed'
  /** Some of what lies inside is hashed, and the hash compared, before it is read: `bad-signature`. */
  | 'hashed'
  /** Some of what lies inside is compared with what it must be, and never read: `out-of-place`. */
  | 'compared';
export interface Outside {
  readonly name: string;
  readonly bytes: Bytes;
  /** Gives what was read or throws a PeerFault. */
  readonly read: (bytes: Bytes) => unknown;
  readonly traits: readonly Trait[];
}

export const outside = (name: string, bytes: Bytes, read: Outside['read'], ...traits: readonly Trait[]): Outside => ({
  name,
  bytes,
  read,
  traits,
});

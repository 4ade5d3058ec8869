/**
 * Proof that a device signed two things about one place of its feed that cannot both be: a copy of it is writing, or
 * it lies. Anyone who has the device's key can check it, without the log and without a word of what was said.
 *
 *   proof = {first skeleton, second skeleton}
 *
 * Either both claim the same place with different ids (the lower id first), or the second, one place on, names another
 * predecessor than the first.
 */
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, rawBytes, record } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { maxSkeletonBytes, readSkeleton, type SignKeyOf, type Skeleton, stripEntry } from './entry.ts';
import type { DeviceId, RoomId } from './id.ts';

const shape = record({
  first: field(1, rawBytes({ max: maxSkeletonBytes })),
  second: field(2, rawBytes({ max: maxSkeletonBytes })),
});

export interface Fork {
  readonly device: DeviceId;
  /** From this place on nothing of this feed counts. */
  readonly seq: number;
}

/** Throws `PeerFault`, as `readFork` does, if these two do not contradict each other. */
export function proveFork(a: Bytes, b: Bytes, room: RoomId, signKeyOf: SignKeyOf): Bytes {
  const read = [a, b].map((bytes) => readSkeleton(stripEntry(bytes), room, signKeyOf)).sort(byPlace);
  const [first, second] = read.map((each) => each.bytes);
  const proof = encode(shape, { first: first ?? a, second: second ?? b });
  readFork(proof, room, signKeyOf);
  return proof;
}

const byPlace = (a: Skeleton, b: Skeleton): number => a.seq - b.seq || (a.id < b.id ? -1 : 1);

/** Throws `PeerFault`: what `readSkeleton` throws, and `out-of-place` when there is no contradiction. */
export function readFork(proof: Bytes, room: RoomId, signKeyOf: SignKeyOf): Fork {
  const outer = decode(shape, proof);
  const first = readSkeleton(outer.first, room, signKeyOf);
  const second = readSkeleton(outer.second, room, signKeyOf);
  // One form of one proof: whole entries would be another, and hand on what was said.
  if (!first.isStripped || !second.isStripped) throw new PeerFault('malformed', 'a proof holds skeletons');
  const samePlace = first.seq === second.seq && first.id < second.id;
  const brokenLink = first.seq + 1 === second.seq && second.previous !== first.id;
  if (first.device !== second.device || !(samePlace || brokenLink))
    throw new PeerFault('out-of-place', 'two entries that do not contradict each other');
  return { device: first.device, seq: first.seq };
}

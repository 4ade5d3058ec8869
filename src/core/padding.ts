/**
 * Padding to Padmé sizes (Nikitin et al., PURBs, 2019), 256 bytes at least: a length tells at most
 * O(log log) bits, for at most 12 % more bytes. Layout: u32 length ‖ data ‖ zeros.
 */
import { type Bytes, readU32be, u32be } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';

const LEAST = 256;

export function paddedSize(size: number, least: number = LEAST): number {
  if (size <= least) return least;
  const exponent = Math.floor(Math.log2(size));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const unit = 2 ** (exponent - kept);
  return Math.ceil(size / unit) * unit;
}

/** `least`: where all of a kind are to have one size. */
export function pad(data: Bytes, least: number = LEAST): Bytes {
  const out = new Uint8Array(paddedSize(4 + data.length, least));
  out.set(u32be(data.length));
  out.set(data, 4);
  return out;
}

/** Throws `PeerFault('bad-padding')` unless these are exactly the bytes `pad` makes. */
export function unpad(padded: Bytes, least: number = LEAST): Bytes {
  const size = readU32be(padded, 0);
  if (padded.length < least || size > padded.length - 4 || paddedSize(4 + size, least) !== padded.length) {
    throw new PeerFault('bad-padding', 'the padding does not fit');
  }
  for (let i = 4 + size; i < padded.length; i++) {
    if (padded[i] !== 0) throw new PeerFault('bad-padding', 'the padding is not zero');
  }
  return padded.subarray(4, 4 + size);
}

/**
 * How soon keys are replaced and erased: what a thief of a device can still read afterwards follows from these
 * (docs/protocol.md section 4.9). Two profiles; a room's policy chooses for its epochs, and the strictest room of a
 * device chooses for its prekeys, which serve all rooms.
 */
import type { Policy } from './right.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface Horizon {
  /** A prekey is replaced after this long, if the device is awake. */
  readonly prekeyMs: number;
  /** Its seed is erased this long after the next one was published and the inbox was read. */
  readonly prekeyGraceMs: number;
  /** An epoch is not sent in any more after this long. */
  readonly epochMs: number;
  /** Keys of buckets are kept this long for what arrives late; later it comes from members, sealed again. */
  readonly bucketGraceMs: number;
  /** How many buckets are forgotten at a time: an idle device should not write every quarter of an hour. */
  readonly bucketStep: number;
}

export const horizon: Readonly<Record<Policy['horizon'], Horizon>> = {
  default: {
    prekeyMs: 24 * hourMs,
    prekeyGraceMs: 6 * hourMs,
    epochMs: 24 * hourMs,
    bucketGraceMs: 24 * hourMs,
    bucketStep: 4,
  },
  high: { prekeyMs: hourMs, prekeyGraceMs: hourMs, epochMs: hourMs, bucketGraceMs: hourMs, bucketStep: 1 },
};

/** A prekey that this many encapsulations came to is replaced early: many hands have sealed to it. */
export const maxUsesOfPrekey = 32;
/** What a prekey's record says: a sender takes a stale one rather than none, so this is long. */
export const prekeyLifeMs: number = 30 * 24 * hourMs;
/** Envelopes in one epoch before the next is opened. */
export const maxEnvelopesPerEpoch = 10_000;
/** Epochs one device may open in a room within an hour. */
export const maxEpochsPerHour = 20;

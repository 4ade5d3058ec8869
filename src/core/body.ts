/**
 * What an entry says. A body of a kind this version does not know is kept and shown as such: the log stays whole
 * and verifies, and a newer version reads it.
 */
import type { Bytes } from '../wire/bytes.ts';
import {
  bool,
  type Coded,
  decode,
  encode,
  field,
  int,
  list,
  maybe,
  oneOf,
  record,
  text,
  tuple,
  uint,
  variant,
} from '../wire/cbor.ts';
import { relayId } from '../wire/id.ts';
import { deviceId, drillId, memberId } from './id.ts';

/** 40 KB of text is more than anyone reads in a crisis; it fits one envelope with room to spare. */
const maxTextBytes = 40_000;
export const maxBodyBytes = 48 * 1024;

/** What a device says of itself in a drill: facts for the readiness board and the report. */
export const readiness = record({
  listVersion: field(1, uint(0xffffffff)),
  /** Relays it was connected to. */
  relays: field(2, list(relayId, 100)),
  relaysTotal: field(3, uint(1000)),
  /** Median of the relays' clocks minus ours. */
  clockOffsetMs: field(4, int),
  app: field(5, text(40)),
  factor: field(6, oneOf('passphrase')),
});
export type Readiness = Coded<typeof readiness>;

export const answers = ['there', 'need-help', 'not-available'] as const;

const body = variant({
  /** Typed by a person. */
  text: [1, record({ text: field(1, text(maxTextBytes)) })],
  /** A coordinator's device opened the drill at its hour. */
  alarm: [2, record({ drill: field(1, drillId), startedAtMs: field(2, uint()) })],
  /** The alarm is on this device's screen. */
  raised: [3, record({ drill: field(1, drillId), readiness: field(2, readiness) })],
  /** A person answered; `standInFor`: a deputy did, for somebody who had not. */
  answer: [
    4,
    record({
      drill: field(1, drillId),
      answer: field(2, oneOf(...answers)),
      standInFor: maybe(3, memberId),
      readiness: field(4, readiness),
    }),
  ],
  /** This device lost or found a relay while a drill or incident ran. */
  relay: [5, record({ relay: field(1, relayId), up: field(2, bool), sinceMs: field(3, uint()) })],
  /** The drill is over. The report is made of the entries its author held by then: per feed, how many. */
  close: [6, record({ drill: field(1, drillId), cut: field(2, list(tuple(deviceId, uint(0xffffffff)), 1200)) })],
});
export type Body = Coded<typeof body>;
export type BodyOf<T extends Body['type']> = Extract<Body, { readonly type: T }>;

export const encodeBody = (value: Body): Bytes => encode(body, value);

/** `undefined` for a kind or form this version does not know. */
export function readBody(bytes: Bytes): Body | undefined {
  try {
    return decode(body, bytes);
  } catch {
    return undefined; // the entry itself is sound; only its meaning is newer than we are
  }
}

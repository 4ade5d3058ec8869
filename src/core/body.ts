/**
 * What an entry says. A body of a kind this version does not know is kept and shown as such: the log stays whole
 * and verifies, and a newer version reads it.
 */
import type { Bytes } from '../wire/bytes.ts';
import {
  ascending,
  bool,
  type Coded,
  decode,
  encode,
  field,
  int,
  list,
  maybe,
  oneOf,
  rawBytes,
  record,
  text,
  tuple,
  uint,
  variant,
} from '../wire/cbor.ts';
import { relayId } from '../wire/id.ts';
import { maxFileBytes, maxFileNameBytes } from './attachment.ts';
import { deviceId, drillId, fileId, memberId } from './id.ts';
import { roles } from './leaf.ts';
import { maxPrekeyBytes } from './prekey.ts';
import { retentionDays } from './retention.ts';

/** 40 KB of text is more than anyone reads in a crisis; it fits one envelope with room to spare. */
const maxTextBytes = 40_000;
export const maxBodyBytes = 48 * 1024;
/** Members or devices in one operation. */
const maxNamed = 64;
/** Two skeletons. */
const maxProofBytes = 8 * 1024;

/** What a member who comes later may be given of what was written before. The first is the stricter. */
export const histories = ['none', 'all'] as const;
/** How soon keys are erased: see horizon.ts. The last is the stricter. */
export const horizons = ['default', 'high'] as const;
export const verificationWays = ['words', 'code'] as const;

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
  // Operations: what they do to a room stands in control.ts.
  /** Members or devices are out. The cut says, per device of theirs, how many entries of its feed still count. */
  remove: [
    7,
    record({
      members: field(1, ascending(memberId, maxNamed)),
      devices: field(2, ascending(deviceId, maxNamed)),
      cut: field(3, list(tuple(deviceId, uint(0xffffffff)), maxNamed * 16)),
    }),
  ],
  /** Members are in, or in again. */
  add: [
    8,
    record({ members: field(1, ascending(memberId, maxNamed)), devices: field(2, ascending(deviceId, maxNamed)) }),
  ],
  role: [9, record({ member: field(1, memberId), role: field(2, oneOf(...roles)) })],
  policy: [
    10,
    record({
      history: field(1, oneOf(...histories)),
      horizon: field(2, oneOf(...horizons)),
      /** Absent: what is written here is kept for as long as the organisation keeps it. */
      retentionDays: maybe(3, retentionDays),
    }),
  ],
  /** A device signed two things that cannot both be: see fork.ts. It is out for good. */
  fork: [11, record({ proof: field(1, rawBytes({ max: maxProofBytes })) })],
  /** A device's next prekey. */
  prekey: [12, record({ record: field(1, rawBytes({ max: maxPrekeyBytes })) })],
  /** A file for the room; its bytes travel as chunks on a topic of their own: see attachment.ts. */
  file: [
    14,
    record({
      file: field(1, fileId),
      salt: field(2, rawBytes({ size: 16 })),
      key: field(3, rawBytes({ size: 32 })),
      /** As its sender called it: never a path, and not shown without `cleanFileName`. */
      name: field(4, text(maxFileNameBytes)),
      size: field(5, uint(maxFileBytes)),
    }),
  ],
  /** The author compared safety words or codes with this member: see verification.ts. */
  verified: [
    13,
    record({
      member: field(1, memberId),
      digest: field(2, rawBytes({ size: 32 })),
      how: field(3, oneOf(...verificationWays)),
      holds: field(4, bool),
    }),
  ],
});
export type Body = Coded<typeof body>;
export type BodyOf<T extends Body['type']> = Extract<Body, { readonly type: T }>;

export const encodeBody = (value: Body): Bytes => encode(body, value);

/** Of bodies that somebody still has: one that comes in is asked nine times what it says, from its place to the index. */
const readBefore = new WeakMap<Bytes, { readonly said: Body | undefined }>();

/** `undefined` for a kind or form this version does not know. Nobody writes into a body. */
export function readBody(bytes: Bytes): Body | undefined {
  const before = readBefore.get(bytes);
  if (before !== undefined) return before.said;
  const said = readAnew(bytes);
  readBefore.set(bytes, { said });
  return said;
}

function readAnew(bytes: Bytes): Body | undefined {
  try {
    return decode(body, bytes);
  } catch {
    return undefined; // the entry itself is sound; only its meaning is newer than we are
  }
}

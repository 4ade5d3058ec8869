/**
 * What a device and a relay say to each other: one CBOR item per binary websocket message, `[tag, map]`.
 * docs/protocol.md section 3 is the same in words.
 *
 *   device → relay                          relay → device
 *   hello {versions}                        challenge {version, nonce, store, timeMs}
 *   proof {org, access, signature}          welcome {admission, timeMs}
 *   append {ref, items: [topic, envelope]}  appended {ref, receipts: [offset, receivedAtMs]}   after fsync
 *   tail {topic, from}                      deliver {topic, items: [offset, receivedAtMs, envelope]}
 *                                           live {topic, upTo}                    the backlog is done
 *   untail {topic}
 *   cast {topic, bytes}                     cast {topic, bytes}                   stored nowhere
 *   admit {ref, list}                       admitted {ref, version}
 *                                           refused {ref?, topic?, code, text, retryAfterMs?}
 *
 * Nothing here knows what is inside an envelope, and nothing here may ever learn it.
 */
import type { Bytes } from './bytes.ts';
import {
  type Coded,
  decode,
  encode,
  field,
  list,
  maybe,
  oneOf,
  rawBytes,
  record,
  text,
  tuple,
  uint,
  variant,
} from './cbor.ts';
import { PeerFault } from './fault.ts';
import { accessKey, orgId, topicId } from './id.ts';
import { limit } from './limit.ts';

const ref = uint(0xffffffff);
const timeMs = uint();
const offset = uint();
const envelope = rawBytes({ min: limit.envelopeMinBytes, max: limit.envelopeBytes });

/** One envelope in a delivery: offset, time received, envelope. */
export const deliveredItem = tuple(offset, timeMs, envelope);

export const clientFrame = variant({
  /** First word of the device: the protocol versions it speaks. */
  hello: [1, record({ versions: field(1, list(uint(255), limit.versions)) })],
  /** Signature by the access key over the relay's nonce and the pin the device saw (label `access`). */
  proof: [
    2,
    record({ org: field(1, orgId), access: field(2, accessKey), signature: field(3, rawBytes({ size: 64 })) }),
  ],
  /** Store these envelopes. Answered once, after fsync, for all of them; the same envelope twice is one. */
  append: [3, record({ ref: field(1, ref), items: field(2, list(tuple(topicId, envelope), limit.itemsPerAppend)) })],
  /** Send everything after offset `from` (0: everything), then `live`, then what comes. */
  tail: [4, record({ topic: field(1, topicId), from: field(2, offset) })],
  untail: [5, record({ topic: field(1, topicId) })],
  /** To whoever tails the topic now; stored nowhere, never acknowledged. */
  cast: [
    6,
    record({
      topic: field(1, topicId),
      bytes: field(2, rawBytes({ min: limit.envelopeMinBytes, max: limit.castBytes })),
    }),
  ],
  /** A custodian-signed admission list; anyone admitted may bring a newer one. */
  admit: [7, record({ ref: field(1, ref), list: field(2, rawBytes({ max: limit.admissionBytes })) })],
});

export const refusalCode = oneOf(
  'not-admitted',
  'malformed',
  'too-large',
  'rate',
  'quota',
  'busy',
  'unsupported-version',
  'disk',
  'wrong-order',
  'rolled-back',
  'bad-signature',
  'broken',
);

export const relayFrame = variant({
  challenge: [
    1,
    record({
      version: field(1, uint(255)),
      nonce: field(2, rawBytes({ size: 32 })),
      /** Changes when the relay's disk was lost: the device then offers everything again. */
      store: field(3, rawBytes({ size: 16 })),
      timeMs: field(4, timeMs),
    }),
  ],
  /** The device is admitted; `admission` is the version of the list in force for its organisation. */
  welcome: [2, record({ admission: field(1, uint()), timeMs: field(2, timeMs) })],
  /** Receipts in the order of the items of the append with this `ref`. On disk, fsynced. */
  appended: [3, record({ ref: field(1, ref), receipts: field(2, list(tuple(offset, timeMs), limit.itemsPerAppend)) })],
  /** Offsets ascend within a topic. Delivered does not mean stored: a crash may still lose it here. */
  deliver: [
    4,
    record({
      topic: field(1, topicId),
      items: field(2, list(deliveredItem, limit.itemsPerDelivery)),
    }),
  ],
  /** Everything up to offset `upTo` has been sent. */
  live: [5, record({ topic: field(1, topicId), upTo: field(2, offset) })],
  cast: [6, record({ topic: field(1, topicId), bytes: field(2, rawBytes({ max: limit.castBytes })) })],
  admitted: [7, record({ ref: field(1, ref), version: field(2, uint()) })],
  refused: [
    8,
    record({
      ref: maybe(1, ref),
      topic: maybe(2, topicId),
      code: field(3, refusalCode),
      text: field(4, text(limit.textBytes)),
      retryAfterMs: maybe(5, uint(86_400_000)),
    }),
  ],
});

export type ClientFrame = Coded<typeof clientFrame>;
export type RelayFrame = Coded<typeof relayFrame>;
export type RefusalCode = Coded<typeof refusalCode>;

const bounded = (bytes: Bytes): Bytes => {
  if (bytes.length > limit.frameBytes) throw new PeerFault('too-large', 'a frame is larger than the protocol allows');
  return bytes;
};

export const encodeClientFrame = (frame: ClientFrame): Bytes => encode(clientFrame, frame);
export const encodeRelayFrame = (frame: RelayFrame): Bytes => encode(relayFrame, frame);
/** Throws `PeerFault`: `too-large` or `malformed`. */
export const decodeClientFrame = (bytes: Bytes): ClientFrame => decode(clientFrame, bounded(bytes));
/** Throws `PeerFault`: `too-large` or `malformed`. */
export const decodeRelayFrame = (bytes: Bytes): RelayFrame => decode(relayFrame, bounded(bytes));

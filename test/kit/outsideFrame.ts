/** One frame of every kind, both ways, with every optional field: rows of the table in outside.ts. */
import { readAdmission } from '../../src/core/admission.ts';
import type { Random } from '../../src/core/key.ts';
import { sodiumChecker } from '../../src/core/verify.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
  type RelayFrame,
} from '../../src/wire/frame.ts';
import { accessKey, orgId, topicId } from '../../src/wire/id.ts';
import { type Outside, outside } from './outsideRow.ts';

export function outsideFrames(random: Random, admission: Bytes): readonly Outside[] {
  const topic = topicId.of(random(32));
  const timeMs = 1_800_000_000_000;
  const byDevice: { readonly [T in ClientFrame['type']]: Extract<ClientFrame, { readonly type: T }> } = {
    hello: { type: 'hello', versions: [1, 200] },
    proof: { type: 'proof', org: orgId.of(random(32)), access: accessKey.of(random(32)), signature: random(64) },
    append: { type: 'append', ref: 7, items: [[topic, random(40)]] },
    tail: { type: 'tail', topic, from: 300 },
    untail: { type: 'untail', topic },
    cast: { type: 'cast', topic, bytes: random(40) },
    admit: { type: 'admit', ref: 70_000, list: admission },
  };
  const byRelay: { readonly [T in RelayFrame['type']]: Extract<RelayFrame, { readonly type: T }> } = {
    challenge: { type: 'challenge', version: 1, nonce: random(32), store: random(16), timeMs },
    welcome: { type: 'welcome', admission: 300, timeMs },
    appended: { type: 'appended', ref: 7, receipts: [[1, timeMs]] },
    deliver: { type: 'deliver', topic, items: [[301, timeMs, random(40)]] },
    live: { type: 'live', topic, upTo: 301 },
    cast: { type: 'cast', topic, bytes: random(40) },
    admitted: { type: 'admitted', ref: 70_000, version: 300 },
    refused: { type: 'refused', ref: 7, topic, code: 'rate', text: 'too fast', retryAfterMs: 1500 },
  };
  return [
    ...Object.values(byDevice).map((frame) =>
      outside(`from a device: ${frame.type}`, encodeClientFrame(frame), (bytes) => {
        const read = decodeClientFrame(bytes);
        return read.type === 'admit' ? readAdmission(read.list, sodiumChecker) : read;
      }),
    ),
    ...Object.values(byRelay).map((frame) =>
      outside(`from a relay: ${frame.type}`, encodeRelayFrame(frame), decodeRelayFrame),
    ),
  ];
}

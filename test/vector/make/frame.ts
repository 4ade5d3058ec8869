/** What a device and a relay say to each other. */
import { hex } from '../../../src/wire/bytes.ts';
import { type ClientFrame, encodeClientFrame, encodeRelayFrame, type RelayFrame } from '../../../src/wire/frame.ts';
import { accessKey, topicId } from '../../../src/wire/id.ts';
import type { Vector } from '../subject.ts';
import { bad, nowMs, ok, type Scene } from './scene.ts';

function frames(scene: Scene): { readonly device: readonly ClientFrame[]; readonly relay: readonly RelayFrame[] } {
  const { random } = scene;
  const topic = topicId.of(random(32));
  const envelope = random(40);
  return {
    device: [
      { type: 'hello', versions: [1] },
      {
        type: 'proof',
        org: scene.founded.list.org,
        access: accessKey.of(scene.ada.keys.access.publicKey),
        signature: random(64),
      },
      { type: 'append', ref: 7, items: [[topic, envelope]] },
      { type: 'tail', topic, from: 300 },
      { type: 'untail', topic },
      { type: 'cast', topic, bytes: envelope },
      { type: 'admit', ref: 8, list: random(10) },
    ],
    relay: [
      { type: 'challenge', version: 1, nonce: random(32), store: random(16), timeMs: nowMs },
      { type: 'welcome', admission: 3, timeMs: nowMs },
      { type: 'appended', ref: 7, receipts: [[301, nowMs]] },
      { type: 'deliver', topic, items: [[301, nowMs, envelope]] },
      { type: 'live', topic, upTo: 301 },
      { type: 'cast', topic, bytes: envelope },
      { type: 'admitted', ref: 8, version: 4 },
      { type: 'refused', ref: 7, code: 'rate', text: 'too fast', retryAfterMs: 1500 },
      { type: 'refused', code: 'not-admitted', text: 'no' },
    ],
  };
}

export function frameVectors(scene: Scene): readonly Vector[] {
  const { device, relay } = frames(scene);
  const wrong = (why: string, from: 'device' | 'relay', bytes: string) =>
    bad(why, 'malformed', { from, bytes: bytes.replaceAll(' ', '') });
  const topic = `5820${'11'.repeat(32)}`;
  return [
    ...device.map((frame) =>
      ok(`device: ${frame.type}`, { from: 'device', bytes: hex(encodeClientFrame(frame)) }, frame),
    ),
    ...relay.map((frame) =>
      ok(
        `relay: ${frame.type}${'ref' in frame && frame.type === 'refused' ? ' an append' : ''}`,
        { from: 'relay', bytes: hex(encodeRelayFrame(frame)) },
        frame,
      ),
    ),
    wrong('an unknown frame', 'device', '82 08 a0'),
    wrong('a frame of the other side', 'device', hex(encodeRelayFrame({ type: 'welcome', admission: 3, timeMs: 5 }))),
    wrong('nine versions', 'device', '82 01 a1 01 89 010203040506070809'),
    wrong('a topic of 31 bytes', 'device', `82 05 a1 01 581f ${'11'.repeat(31)}`),
    wrong('an envelope of 31 bytes', 'device', `82 06 a2 01 ${topic} 02 581f ${'22'.repeat(31)}`),
    wrong('513 envelopes', 'device', '82 03 a2 01 07 02 990201'),
    wrong('a reference of 2^32', 'device', '82 03 a2 01 1b0000000100000000 02 80'),
    wrong('an unknown refusal', 'relay', '82 08 a2 03 0c 04 60'),
    wrong('a refusal without a code', 'relay', '82 08 a1 04 60'),
    wrong('a byte after the frame', 'device', '82 01 a1 01 81 01 00'),
  ];
}

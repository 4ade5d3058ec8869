/** Who takes part in a run: devices with keys from the seed, admission lists good and bad, and frames they may say. */
import { hash } from '../../src/core/verify.ts';
import { type Bytes, u32be, utf8 } from '../../src/wire/bytes.ts';
import { type ClientFrame, encodeClientFrame } from '../../src/wire/frame.ts';
import { type RelayId, relayId, type TopicId, topicId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { seeded } from '../kit/random.ts';
import { below, type Dice, pick } from './mutate.ts';

export interface Cast {
  readonly pin: RelayId;
  readonly org: TestOrg;
  readonly foreign: TestOrg;
  /** All but the last are on the first list. */
  readonly devices: readonly TestDevice[];
  readonly topics: readonly TopicId[];
  readonly firstList: Bytes;
  readonly lists: readonly Bytes[];
}

export async function makeCast(): Promise<Cast> {
  const random = seeded(1);
  const org = await makeOrg(3, 2, random);
  const foreign = await makeOrg(1, 1, random);
  const devices: TestDevice[] = [];
  for (let i = 0; i < 7; i++) devices.push(await makeDevice(random(32)));
  const inside = devices.slice(0, 6);
  const altered = org.list(inside, { version: 9 });
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  const lists = [
    org.list(inside),
    org.list(devices, { version: 2 }),
    org.list(inside.slice(0, 5), { version: 3 }),
    org.list(devices, { version: 3 }),
    org.list(inside, { version: 4, quotaBytes: 3 * 1024 * 1024 }),
    org.list(inside, { version: 5, signers: [] }),
    org.list(inside, { version: 5, signers: [1, 1] }),
    foreign.list(inside),
    altered,
  ];
  return {
    pin: relayId.of(random(32)),
    org,
    foreign,
    devices,
    topics: Array.from({ length: 9 }, (_, i) => topicId.of(new Uint8Array(32).fill(i + 1))),
    firstList: org.list(inside),
    lists,
  };
}

const sizes = [32, 33, 64, 200, 300, 1000, 4000, 20_000, limit.castBytes];

function envelope(dice: Dice): Bytes {
  const size = dice.next() < 0.97 ? pick(dice, sizes.slice(0, 6)) : pick(dice, [...sizes, limit.envelopeBytes]);
  const bytes = new Uint8Array(size);
  // Few different ones, so that the same one comes again; the rest of it follows from the first bytes.
  bytes.set(hash('envelope', utf8('fuzz'), u32be(below(dice, 20_000))));
  return bytes;
}

/** A frame that any device could say, good or bad in meaning, always good in form. */
export function frameOf(cast: Cast, dice: Dice): ClientFrame {
  const topic = dice.next() < 0.9 ? pick(dice, cast.topics) : topicId.of(hash('envelope', u32be(below(dice, 1e9))));
  const ref = below(dice, 2 ** 32);
  const roll = dice.next();
  if (roll < 0.4) {
    const count = dice.next() < 0.98 ? 1 + below(dice, 4) : pick(dice, [0, 40, limit.itemsPerAppend]);
    const items = Array.from({ length: count }, () => [pick(dice, cast.topics), envelope(dice)] as const);
    // Beyond a frame's size it could not be said at all.
    const size = items.reduce((sum, [, each]) => sum + each.length + 50, 0);
    return { type: 'append', ref, items: size < limit.frameBytes - 100 ? items : items.slice(0, 1) };
  }
  if (roll < 0.65) return { type: 'tail', topic, from: pick(dice, [0, 0, 0, 1, 5, 50, 1000, 2 ** 40, 2 ** 53 - 1]) };
  if (roll < 0.72) return { type: 'untail', topic };
  if (roll < 0.85) {
    const bytes = envelope(dice);
    return { type: 'cast', topic, bytes: bytes.subarray(0, limit.castBytes) };
  }
  if (roll < 0.89) return { type: 'admit', ref, list: pick(dice, cast.lists) };
  if (roll < 0.95)
    return { type: 'hello', versions: pick(dice, [[1], [], [0], [2, 1], [255], [9, 8, 7, 6, 5, 4, 3, 1]]) };
  const { access } = pick(dice, cast.devices);
  const { org } = pick(dice, [cast.org, cast.org, cast.foreign]);
  return { type: 'proof', org, access, signature: new Uint8Array(64).fill(below(dice, 256)) };
}

/** One good frame of each kind and some of odd sizes, as the first corpus. */
export function firstFrames(cast: Cast): readonly Bytes[] {
  const dice = seeded(2);
  const kinds = new Map<string, Bytes[]>();
  for (let i = 0; i < 400; i++) {
    const frame = frameOf(cast, dice);
    const bytes = encodeClientFrame(frame);
    const same = kinds.get(frame.type) ?? [];
    if (same.length < 6 && bytes.length < 3000) kinds.set(frame.type, [...same, bytes]);
  }
  return [...kinds.values()].flat();
}

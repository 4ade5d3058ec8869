/** What all vectors share: the seed, two people with a device each, and ways to put together what nobody honest would. */
import { makeDeviceKeys } from '../../../src/core/certificate.ts';
import type { RoomFacts } from '../../../src/core/epoch.ts';
import { deviceOf } from '../../../src/core/id.ts';
import { makeRoom, orgRoom } from '../../../src/core/room.ts';
import { type Bytes, hex, u16be } from '../../../src/wire/bytes.ts';
import { type Codec, type Coded, decode, encode, field, rawBytes, record } from '../../../src/wire/cbor.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';
import { show } from '../subject/input.ts';
import type { Input, Vector } from '../subject.ts';

export const seed = 20_261_121;
export const nowMs = 1_800_000_000_000;

export const ok = (name: string, input: Input, output: unknown): Vector => ({
  name,
  input,
  expect: 'ok',
  output: show(output),
});
export const bad = (name: string, expect: string, input: Input): Vector => ({ name, input, expect });

/** The bytes with one bit of the byte at this place turned; places below 0 count from the end. */
export const flip = (bytes: Bytes, at: number): Bytes =>
  bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte));
/** Every signed body is a map of fewer than 24 fields whose first is the suite: its value is the third byte. */
export const ofSuite = (body: Bytes, suite: number): Bytes => body.map((byte, i) => (i === 2 ? suite : byte));

/** Byte strings of any size, where the real shape has bounds that a wrong vector has to break. */
export const any = rawBytes({ max: 1_000_000 });
export const sig = rawBytes({ size: 64 });
const signedShape = record({ body: field(1, any), signature: field(2, sig) });
export const signed: Codec<Coded<typeof signedShape>> = signedShape;

/** `bytes` read by a wider shape, changed, and written again. */
export const changed = <T>(shape: Codec<T>, bytes: Bytes, changes: Partial<T>): Bytes =>
  encode(shape, { ...decode(shape, bytes), ...changes });

/** Long runs are given as `[hex, times]`, so that a file stays readable. */
export const runs = (...parts: readonly (readonly [part: Bytes | string, times: number])[]): Input[string] =>
  parts.map(([part, times]) => [typeof part === 'string' ? part.replaceAll(' ', '') : hex(part), times]);

/** The head of an array of so many items, in hex. */
export const arrayHead = (size: number): string =>
  size < 24 ? hex(Uint8Array.of(0x80 + size)) : size < 256 ? `98${hex(Uint8Array.of(size))}` : `99${hex(u16be(size))}`;

/** Their own stream for each subject: one vector more in one of them changes no other. */
export function streamOf(subject: string): Scene['random'] {
  let mixed = seed;
  for (const character of subject) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return seeded(mixed);
}

export function makeScene() {
  const random = seeded(seed);
  const founded = foundMuster(random, { members: 2, relays: 1, nowMs, drills: [{}] });
  const [ada, bela] = founded.selves;
  const [identity, otherIdentity] = founded.identities;
  if (ada === undefined || bela === undefined || identity === undefined || otherIdentity === undefined)
    throw new Error('two people were founded');
  const room = orgRoom(founded.list);
  const otherRoom = makeRoom(
    founded.list,
    { kind: 'incident', title: 'Another', members: [ada.member], founder: ada.device },
    nowMs,
    random,
  );
  const facts: RoomFacts = { room: room.id, control: [], listVersion: 1, roster: founded.list.devices };
  const [prekey] = bela.prekeys;
  const listPrekey = founded.list.devices.get(bela.device)?.prekey;
  if (prekey === undefined || listPrekey === undefined) throw new Error('everyone has a prekey');
  const keys = makeDeviceKeys(random);
  const stranger = { identity: otherIdentity, keys, device: deviceOf(keys.sign.publicKey) };
  const roster = [...founded.list.devices.values()].map((device) => [device.id, hex(device.signKey)]);
  return {
    random,
    founded,
    ada,
    bela,
    identity,
    otherIdentity,
    room,
    otherRoom,
    facts,
    prekey,
    listPrekey,
    stranger,
    /** Devices and their signing keys, as vectors bring them. */
    roster,
  };
}
/** `random` is the stream of the subject that is being made. */
export type Scene = ReturnType<typeof makeScene>;

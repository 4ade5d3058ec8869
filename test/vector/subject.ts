/**
 * What a vector is about: per subject, one reading of its input by the real code. A positive vector says what comes
 * out, a negative one which fault. Bytes are lower-case hex in inputs and outputs.
 */
import { open } from '../../src/core/aead.ts';
import { readAdmission } from '../../src/core/admission.ts';
import { type Device, readCertificate } from '../../src/core/certificate.ts';
import { startOf } from '../../src/core/drill.ts';
import { readEntry } from '../../src/core/entry.ts';
import { openEnvelope, readHave } from '../../src/core/envelope.ts';
import { acceptGrant, messageKey, readGrant, restoreEpoch } from '../../src/core/epoch.ts';
import { orgOf, readGenesis } from '../../src/core/genesis.ts';
import { type DeviceId, deviceId, memberId, prekeyId, roomId } from '../../src/core/id.ts';
import { readList } from '../../src/core/list.ts';
import { openPacket } from '../../src/core/packet.ts';
import { pad, unpad } from '../../src/core/padding.ts';
import { readPrekey } from '../../src/core/prekey.ts';
import { inboxOf, orgRoom, readRoom } from '../../src/core/room.ts';
import { Secret } from '../../src/core/secret.ts';
import { hash } from '../../src/core/verify.ts';
import { type Bytes, fromHex, hex } from '../../src/wire/bytes.ts';
import * as cbor from '../../src/wire/cbor.ts';
import { decodeClientFrame, decodeRelayFrame, encodeClientFrame, encodeRelayFrame } from '../../src/wire/frame.ts';
import { accessKey, orgId } from '../../src/wire/id.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Input = Readonly<Record<string, Json>>;
export interface Vector {
  readonly name: string;
  readonly input: Input;
  /** `ok`, or the code of the fault. */
  readonly expect: string;
  readonly output?: Json;
}

/** A value as JSON: bytes as hex, what is absent left out. */
export function show(value: unknown): Json {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(show);
  if (typeof value === 'object' && value !== null) {
    const shown = Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [[key, show(each)] as const],
    );
    return Object.fromEntries(shown);
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Error(`a vector cannot hold ${typeof value}`);
}

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== 'string') throw new Error(`the vector has no text ${name}`);
  return value;
};
const number = (input: Input, name: string): number => {
  const value = input[name];
  if (typeof value !== 'number') throw new Error(`the vector has no number ${name}`);
  return value;
};
const bytes = (input: Input, name: string): Bytes => fromHex(text(input, name));

/** Shapes that between them use every combinator. */
export const shapes = {
  uint: cbor.uint(),
  'uint to 100': cbor.uint(100),
  int: cbor.int,
  bool: cbor.bool,
  'bytes to 64': cbor.rawBytes({ max: 64 }),
  'bytes of 4': cbor.rawBytes({ size: 4 }),
  'text to 16': cbor.text(16),
  'list to 4 of uint': cbor.list(cbor.uint(), 4),
  'set to 4 of org ids': cbor.ascending(orgId, 4),
  'map 1 uint, 2 text?, 24 bool': cbor.record({
    a: cbor.field(1, cbor.uint()),
    b: cbor.maybe(2, cbor.text(8)),
    c: cbor.field(24, cbor.bool),
  }),
  'one of a, b': cbor.oneOf('a', 'b'),
  'pair of uint, bool': cbor.tuple(cbor.uint(), cbor.bool),
  'union 1 {1 uint}, 9 {}': cbor.variant({
    one: [1, cbor.record({ n: cbor.field(1, cbor.uint()) })],
    nine: [9, cbor.record({})],
  }),
} satisfies Record<string, cbor.Codec<never> | cbor.Codec<unknown>>;
export type ShapeName = keyof typeof shapes;
const isShape = (name: string): name is ShapeName => Object.hasOwn(shapes, name);

function same(again: Bytes, first: Bytes): void {
  if (hex(again) !== hex(first)) throw new Error('what was read does not give the same bytes when it is written');
}

/** A device with only what a roster is asked for. */
const deviceWith = (id: DeviceId, signKey: Bytes): Device => ({
  id,
  member: memberId.of(new Uint8Array(32)),
  signKey,
  access: accessKey.of(new Uint8Array(32)),
  evidenceKey: new Uint8Array(32),
  name: '',
  createdAtMs: 0,
});

function rosterIn(input: Input): ReadonlyMap<DeviceId, Device> {
  const pairs = input['roster'];
  if (!Array.isArray(pairs)) throw new Error('the vector has no roster');
  return new Map(
    pairs.map((pair: readonly string[]) => {
      const id = deviceId.parse(pair[0] ?? '');
      return [id, deviceWith(id, fromHex(pair[1] ?? ''))] as const;
    }),
  );
}

export const subjects: Readonly<Record<string, (input: Input) => unknown>> = {
  cbor(input) {
    const name = text(input, 'shape');
    if (!isShape(name)) throw new Error(`there is no shape ${name}`);
    const shape: cbor.Codec<unknown> = shapes[name] as cbor.Codec<unknown>;
    const value = cbor.decode(shape, bytes(input, 'bytes'));
    same(cbor.encode(shape, value), bytes(input, 'bytes'));
    return value;
  },
  frame(input) {
    const given = bytes(input, 'bytes');
    if (text(input, 'from') === 'device') {
      const frame = decodeClientFrame(given);
      same(encodeClientFrame(frame), given);
      return frame;
    }
    const frame = decodeRelayFrame(given);
    same(encodeRelayFrame(frame), given);
    return frame;
  },
  aead: (input) => open(bytes(input, 'key'), bytes(input, 'aad'), bytes(input, 'sealed')),
  padding(input) {
    const data = unpad(bytes(input, 'padded'));
    same(pad(data), bytes(input, 'padded'));
    return data;
  },
  genesis(input) {
    const genesis = readGenesis(bytes(input, 'genesis'));
    return {
      org: orgOf(bytes(input, 'genesis')),
      name: genesis.name,
      threshold: genesis.threshold,
      custodians: genesis.custodians,
    };
  },
  certificate: (input) => readCertificate(bytes(input, 'certificate'), bytes(input, 'identity')),
  prekey: (input) =>
    readPrekey(bytes(input, 'prekey'), { id: deviceId.parse(text(input, 'device')), signKey: bytes(input, 'signKey') }),
  packet(input) {
    const record = bytes(input, 'prekey');
    const own = { id: prekeyId.of(hash('prekey', record)), record, seed: new Secret('prekey', bytes(input, 'seed')) };
    return openPacket(bytes(input, 'packet'), [own], bytes(input, 'recipient'));
  },
  entry(input) {
    const roster = rosterIn(input);
    const { bytes: _, ...rest } = readEntry(
      bytes(input, 'entry'),
      roomId.parse(text(input, 'room')),
      (device) => roster.get(device)?.signKey,
    );
    return rest;
  },
  grant(input) {
    const facts = {
      room: roomId.parse(text(input, 'room')),
      control: [],
      listVersion: number(input, 'listVersion'),
      roster: rosterIn(input),
    };
    const epoch = acceptGrant(readGrant(bytes(input, 'grant')), facts, prekeyId.parse(text(input, 'to')));
    const { id, tag, bucket, device, openedAtMs } = epoch;
    return { id, tag, bucket, device, openedAtMs, keys: [0, 1, 3].map((ahead) => messageKey(epoch, bucket + ahead)) };
  },
  envelope: (input) =>
    openEnvelope(
      restoreEpoch(bytes(input, 'announcement'), number(input, 'bucket'), bytes(input, 'secret')),
      bytes(input, 'envelope'),
    ),
  have(input) {
    const roster = rosterIn(input);
    const frame = { type: 'have', body: bytes(input, 'body'), signature: bytes(input, 'signature') } as const;
    return readHave(frame, roomId.parse(text(input, 'room')), (device) => roster.get(device)?.signKey);
  },
  list(input) {
    const org = input['org'] === undefined ? undefined : orgId.parse(text(input, 'org'));
    const list = readList(bytes(input, 'list'), org);
    const following = list.rendezvous === undefined ? {} : { orgRoom: orgRoom(list).id, orgTopic: orgRoom(list).topic };
    return {
      id: list.id,
      org: list.org,
      version: list.version,
      signedBy: list.signedBy,
      withheld: list.withheld,
      members: list.members.map((member) => ({
        id: member.id,
        name: member.name,
        held: member.held,
        devices: member.devices.map(({ id, since }) => ({ id, since })),
      })),
      former: [...list.former.values()].map(({ id, member, role, since, until }) => ({
        id,
        member,
        role,
        since,
        until,
      })),
      relays: list.relays.map((relay) => relay.id),
      drills: list.drills.map((plan) => ({
        id: plan.id,
        ...(list.rendezvous === undefined ? {} : { startMs: startOf(list, plan) }),
      })),
      ...following,
      ...(list.rendezvous === undefined
        ? {}
        : { inboxes: [...list.devices.keys()].map((device) => inboxOf(list, device)) }),
    };
  },
  admission(input) {
    const { org, admission } = readAdmission(bytes(input, 'admission'));
    return { org, version: admission.version, access: admission.access };
  },
  room(input) {
    const { id, topic, kind, title, members } = readRoom(bytes(input, 'genesis'), readList(bytes(input, 'list')));
    return { id, topic, kind, title, members };
  },
};

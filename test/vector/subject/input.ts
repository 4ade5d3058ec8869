/** What stands in a vector, and how it is taken out. Bytes are lower-case hex, long runs `[[hex, times], …]`. */
import type { Device } from '../../../src/core/certificate.ts';
import type { SignKeyOf } from '../../../src/core/entry.ts';
import { type DeviceId, deviceId, memberId } from '../../../src/core/id.ts';
import { type Bytes, concat, fromHex, hex } from '../../../src/wire/bytes.ts';
import { accessKey } from '../../../src/wire/id.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Input = Readonly<Record<string, Json>>;

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

export const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== 'string') throw new Error(`the vector has no text ${name}`);
  return value;
};
export const number = (input: Input, name: string): number => {
  const value = input[name];
  if (typeof value !== 'number') throw new Error(`the vector has no number ${name}`);
  return value;
};
export const items = (input: Input, name: string): readonly Json[] => {
  const value = input[name];
  if (!Array.isArray(value)) throw new Error(`the vector has no list ${name}`);
  return value;
};

export const isRuns = (value: Json | undefined): boolean => Array.isArray(value);

export function bytes(input: Input, name: string): Bytes {
  if (!isRuns(input[name])) return fromHex(text(input, name));
  const parts = items(input, name) as readonly (readonly [hex: string, times: number])[];
  return concat(...parts.flatMap(([part, times]) => Array.from({ length: times }, () => fromHex(part))));
}

/** Reading and writing are one to one. */
export function same(again: Bytes, first: Bytes): void {
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

export type Roster = ReadonlyMap<DeviceId, Device>;

/** From pairs of a device and its signing key. */
export function rosterOf(pairs: Json | undefined): Roster {
  if (!Array.isArray(pairs)) throw new Error('the vector has no roster');
  return new Map(
    pairs.map((pair: readonly string[]) => {
      const id = deviceId.parse(pair[0] ?? '');
      return [id, deviceWith(id, fromHex(pair[1] ?? ''))] as const;
    }),
  );
}

export function signKeysIn(input: Input): SignKeyOf {
  const roster = rosterOf(input['roster']);
  return (device) => roster.get(device)?.signKey;
}

/** Lists after the first: people and devices that come, go and are replaced, in a world that goes on. */
import { makeCertificate, makeDeviceKeys } from '../../src/core/certificate.ts';
import { deviceOf, memberOf } from '../../src/core/id.ts';
import { makeSignKey, type SignKey } from '../../src/core/key.ts';
import { type LeafBody, leaf, makeLeaf } from '../../src/core/leaf.ts';
import type { MusterList } from '../../src/core/list.ts';
import { makePrekey } from '../../src/core/prekey.ts';
import type { Self } from '../../src/engine/state.ts';
import { decode } from '../../src/wire/cbor.ts';
import { signList } from './muster.ts';
import { type World, WorldDevice } from './world.ts';

export interface NewDevice {
  readonly self: Self;
  readonly identity: SignKey;
  readonly certificate: Uint8Array;
}

/** A device that was made just now, for a person who is new or, with an identity, was there before. */
export function makeNew(world: World, identity: SignKey = makeSignKey(world.random)): NewDevice {
  const keys = makeDeviceKeys(world.random);
  const device = deviceOf(keys.sign.publicKey);
  const life = { nowMs: world.nowMs, forMs: 30 * 86_400_000 };
  const prekey = makePrekey(keys.sign, device, { seq: 0 }, life, world.random);
  const certificate = makeCertificate(identity, keys, 'new laptop', world.nowMs);
  const self = {
    device,
    member: memberOf(identity.publicKey),
    keys,
    prekeys: [prekey],
    app: '0.1.0',
    factor: 'passphrase' as const,
  };
  return { self, identity, certificate };
}

/** What the first list says. */
export const leavesOf = (world: World): readonly LeafBody[] =>
  world.founded.leaves.map((bytes) => decode(leaf, bytes).body);

/** The list after the first, or after another one, of these leaves, signed. */
export const signNext = (
  world: World,
  leaves: readonly LeafBody[],
  { id, version }: MusterList = world.founded.list,
): Uint8Array =>
  signList(
    world.founded.genesis,
    world.founded.custodians.slice(0, 2),
    leaves.map((body) => makeLeaf(body, world.random)),
    { version: version + 1, previous: id },
  );

/** These leaves, with one more person. */
export function withNewcomer(
  { self, identity, certificate }: NewDevice,
  leaves: readonly LeafBody[],
): readonly LeafBody[] {
  const [prekey] = self.prekeys;
  if (prekey === undefined) throw new Error('it was made with one');
  return [
    ...leaves,
    {
      type: 'member',
      member: self.member,
      identity: identity.publicKey,
      role: 'responder',
      unit: 'IT',
      deputies: [],
      devices: [{ certificate, prekey: prekey.record, since: 2 }],
    },
    { type: 'name', member: self.member, name: 'Nora' },
  ];
}

/** These leaves, with a device in the place of all that its member had; or with none in its place, and no member. */
export function without(
  { self }: Pick<WorldDevice, 'self'>,
  leaves: readonly LeafBody[],
  by?: NewDevice,
): readonly LeafBody[] {
  return leaves.flatMap((body): readonly LeafBody[] => {
    if (body.type === 'drill' && by === undefined)
      return [{ ...body, coordinators: body.coordinators.filter((each) => each !== self.member) }];
    if (!('member' in body) || body.type === 'former' || body.member !== self.member)
      return [body.type === 'member' && by === undefined ? { ...body, deputies: [] } : body];
    if (body.type !== 'member') return by === undefined ? [] : [body];
    const [prekey] = by?.self.prekeys ?? [];
    const former = body.devices.map(
      ({ certificate, since }): LeafBody => ({
        type: 'former',
        member: body.member,
        identity: body.identity,
        certificate,
        role: body.role,
        since,
        until: 2,
      }),
    );
    if (by === undefined || prekey === undefined) return former;
    return [{ ...body, devices: [{ certificate: by.certificate, prekey: prekey.record, since: 2 }] }, ...former];
  });
}

/** Puts a device into the world, under the list that has it. */
export function bring(world: World, { self }: NewDevice, list: Uint8Array): number {
  world.devices.push(new WorldDevice(self));
  const i = world.devices.length - 1;
  world.takeList(list, i);
  world.start(i);
  return i;
}

/** Lists that change while people talk: who comes, who goes, who is replaced, and who has not heard of it yet. */
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate, makeDeviceKeys } from '../../src/core/certificate.ts';
import { deviceOf, memberOf } from '../../src/core/id.ts';
import { makeSignKey, type SignKey } from '../../src/core/key.ts';
import { type LeafBody, leaf, makeLeaf } from '../../src/core/leaf.ts';
import { makePrekey } from '../../src/core/prekey.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { Self } from '../../src/engine/state.ts';
import { decode } from '../../src/wire/cbor.ts';
import { signList } from '../kit/muster.ts';
import { epochIn, everyone, roomIn, textsIn, textsOf, write } from '../kit/rogue.ts';
import { World, WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

function talked(seed: number, members = 3): World {
  const world = new World(seed, { members });
  world.startAll();
  world.run(4_000);
  write(world, 0, 'before');
  write(world, 1, 'me too');
  world.run(3_000);
  return world;
}

interface NewDevice {
  readonly self: Self;
  readonly identity: SignKey;
  readonly certificate: Uint8Array;
}

/** A device that was made just now, for a person who is new or, with an identity, was there before. */
function makeNew(world: World, identity: SignKey = makeSignKey(world.random)): NewDevice {
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

const bodies = (world: World): readonly LeafBody[] => world.founded.leaves.map((bytes) => decode(leaf, bytes).body);

const sign = (world: World, leaves: readonly LeafBody[]): Uint8Array =>
  signList(
    world.founded.genesis,
    world.founded.custodians.slice(0, 2),
    leaves.map((body) => makeLeaf(body, world.random)),
    { version: 2 },
  );

/** The next list, with one more person. */
function withNewcomer(world: World, { self, identity, certificate }: NewDevice): Uint8Array {
  const [prekey] = self.prekeys;
  if (prekey === undefined) throw new Error('it was made with one');
  return sign(world, [
    ...bodies(world),
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
  ]);
}

/** The next list, with this device in the place of all that its member had; or with none in its place, and no member. */
function without(world: World, i: number, by?: NewDevice): Uint8Array {
  const { self } = world.device(i);
  const leaves = bodies(world).flatMap((body): readonly LeafBody[] => {
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
  return sign(world, leaves);
}

/** Puts a device into the world, under the list that has it. */
function bring(world: World, { self }: NewDevice, list: Uint8Array): number {
  world.devices.push(new WorldDevice(self));
  const i = world.devices.length - 1;
  world.takeList(list, i);
  world.start(i);
  return i;
}

describe('somebody who joins by a later list', () => {
  it('reads and writes from then on in a room that was written in before, and is read', () => {
    const world = talked(1);
    world.run(2 * 3_600_000);
    const nora = makeNew(world);
    const list = withNewcomer(world, nora);
    world.takeList(list);
    const i = bring(world, nora, list);
    world.run(10_000);
    write(world, 0, 'welcome');
    world.run(5_000);
    write(world, i, 'hello all');
    write(world, 1, 'hello Nora');
    world.run(20_000);
    expect(textsOf(world.device(i)).toSorted()).toEqual(['hello Nora', 'hello all', 'welcome']);
    for (const each of [0, 1, 2])
      expect(textsOf(world.device(each)).toSorted()).toEqual([
        'before',
        'hello Nora',
        'hello all',
        'me too',
        'welcome',
      ]);
    // Nothing waits for ever for what is from before.
    expect(world.device(i).running.parked.size).toBe(0);
    world.crash(i);
    world.start(i);
    write(world, 2, 'after your restart');
    world.run(5_000);
    expect(textsOf(world.device(i))).toContain('after your restart');
  });

  it('is read by a device that has not taken that list yet, as soon as it has', () => {
    const world = talked(2);
    const nora = makeNew(world);
    const list = withNewcomer(world, nora);
    world.takeList(list, 0, 1);
    const i = bring(world, nora, list);
    world.run(10_000);
    write(world, i, 'who am I?');
    write(world, 0, 'welcome');
    world.run(10_000);
    expect(textsOf(world.device(2)).toSorted()).toEqual(['before', 'me too']);
    expect(world.device(2).running.parked.size).toBeGreaterThan(0);
    world.takeList(list, 2);
    world.run(10_000);
    expect(textsOf(world.device(2)).toSorted()).toEqual(['before', 'me too', 'welcome', 'who am I?']);
  });
});

describe('a device that is replaced', () => {
  it('is a new device, which is given what its member could read', () => {
    const world = talked(3);
    world.run(3_600_000);
    const identity = world.founded.identities[2];
    const fresh = makeNew(world, identity);
    const list = without(world, 2, fresh);
    world.crash(2);
    world.takeList(list, 0, 1);
    const i = bring(world, fresh, list);
    world.run(10_000);
    write(world, 0, 'welcome back');
    write(world, 1, 'indeed');
    world.run(90_000);
    expect(textsOf(world.device(i)).toSorted()).toEqual(['before', 'indeed', 'me too', 'welcome back']);
  });
});

describe('somebody who leaves by a later list', () => {
  it('cannot read what anyone writes who has it, nor write so that it is sealed for them', () => {
    const world = talked(4);
    const list = without(world, 2);
    world.takeList(list, 0, 1);
    world.run(10_000);
    write(world, 0, 'the two of us');
    world.run(10_000);
    expect(textsOf(world.device(1))).toContain('the two of us');
    expect(textsOf(world.device(2))).not.toContain('the two of us');
    expect(roomIn(world, 0, everyone(world).id).membership.roster.size).toBe(2);
  });

  it('wrote what they wrote: it verifies and is taken also by devices that have the list already', () => {
    const world = talked(5);
    for (const r of world.relays.keys()) world.part(1, r);
    write(world, 2, 'my last word');
    world.run(5_000);
    expect(textsOf(world.device(0))).toContain('my last word');
    const list = without(world, 2);
    world.crash(2);
    world.takeList(list, 0, 1);
    world.heal();
    world.run(10_000);
    expect(textsOf(world.device(1))).toContain('my last word');
    write(world, 0, 'goodbye');
    world.run(5_000);
    expect(textsIn(world, 1, everyone(world).id).toSorted()).toEqual(['before', 'goodbye', 'me too', 'my last word']);
    expect(epochIn(world, 0, everyone(world).id).listVersion).toBe(2);
  });
});

/** Rules for epochs and grants (R6 and R7), by the way they would be broken. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  acceptGrant,
  bucketAt,
  bucketMs,
  type Epoch,
  forgetBefore,
  isBucketTooFar,
  isFor,
  makeGrant,
  messageKey,
  openEpoch,
  readGrant,
  type RoomFacts,
} from '../../../src/core/epoch.ts';
import { prekeyId, type PrekeyId } from '../../../src/core/id.ts';
import { hashRoster, orgRoom } from '../../../src/core/room.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import type { Self } from '../../../src/engine/state.ts';
import { hex } from '../../../src/wire/bytes.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const nowMs = 1_800_000_000_000;

function cast() {
  const random = seeded(1);
  const founded = foundMuster(random, { members: 3 });
  const facts: RoomFacts = {
    room: orgRoom(founded.list).id,
    control: [],
    listVersion: 1,
    roster: founded.list.devices,
  };
  const at = (i: number): Self => {
    const self = founded.selves[i];
    if (self === undefined) throw new Error('three were founded');
    return self;
  };
  const granter = (i: number) => ({ key: at(i).keys.sign, device: at(i).device });
  const to = (i: number): PrekeyId =>
    founded.list.devices.get(at(i).device)?.prekey.id ?? prekeyId.of(new Uint8Array(32));
  const without = (i: number): RoomFacts => ({
    ...facts,
    roster: new Map([...facts.roster].filter(([id]) => id !== at(i).device)),
  });
  return {
    random,
    facts,
    at,
    granter,
    to,
    without,
    epoch: openEpoch(at(0).keys.sign, at(0).device, facts, nowMs, random),
  };
}

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (fault) {
    if (fault instanceof PeerFault) return fault.code;
    throw fault;
  }
  return 'none';
};

describe('R6: a grant is worth what it can be checked against', () => {
  it('whoever opened an epoch cannot give two members two secrets', () => {
    const { facts, epoch, granter, to, random } = cast();
    const grant = readGrant(makeGrant(epoch, granter(0), to(1)));
    expect(acceptGrant(grant, facts, to(1)).id).toBe(epoch.id);
    expect(faultOf(() => acceptGrant({ ...grant, secret: random(32) }, facts, to(2)))).toBe('bad-commitment');
  });

  it('a grant from a later bucket that nobody signed is refused', () => {
    const { facts, epoch, granter, to } = cast();
    const { granter: _, signature: __, ...unsigned } = readGrant(makeGrant(forgetBefore(epoch, 1), granter(1), to(2)));
    expect(faultOf(() => acceptGrant(unsigned, facts, to(2)))).toBe('not-a-member');
  });

  it('a removed member cannot hand a victim a key of its own as a later bucket', () => {
    const { epoch, granter, to, without, random } = cast();
    const forged = readGrant(makeGrant(forgetBefore(epoch, 1), granter(2), to(1)));
    const roster = without(2);
    expect(faultOf(() => acceptGrant({ ...forged, secret: random(32) }, { ...roster, listVersion: 2 }, to(1)))).toBe(
      'not-a-member',
    );
  });

  it('a signed later grant is for one prekey and one secret', () => {
    const { facts, epoch, granter, to, random } = cast();
    const grant = readGrant(makeGrant(forgetBefore(epoch, 1), granter(1), to(2)));
    expect(faultOf(() => acceptGrant(grant, facts, to(2)))).toBe('none');
    expect(faultOf(() => acceptGrant(grant, facts, to(1)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...grant, secret: random(32) }, facts, to(2)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...grant, bucket: 2 }, facts, to(2)))).toBe('bad-signature');
  });
});

describe('R7: an epoch is opened by a device of the roster', () => {
  it('one opened by a device that was removed is refused, however new it says the list is', () => {
    const { facts, at, granter, to, without, random } = cast();
    for (const listVersion of [1, 2, 3, 0xffffffff]) {
      const forged = openEpoch(at(2).keys.sign, at(2).device, { ...without(2), listVersion }, nowMs, random);
      const grant = readGrant(makeGrant(forged, granter(2), to(1)));
      expect(faultOf(() => acceptGrant(grant, { ...without(2), listVersion: 2 }, to(1)))).toBe('not-a-member');
    }
    expect(facts.roster.size).toBe(3);
  });

  it('one granted to more devices than the list gives is refused', () => {
    const { facts, at, granter, to, without, random } = cast();
    const wide = openEpoch(at(0).keys.sign, at(0).device, facts, nowMs, random);
    expect(faultOf(() => acceptGrant(readGrant(makeGrant(wide, granter(0), to(1))), without(2), to(1)))).toBe(
      'out-of-place',
    );
  });

  it('one that a member opened for a list without it, before it was removed, is not for that list', () => {
    const { facts, at, granter, to, without, random } = cast();
    const early = openEpoch(at(2).keys.sign, at(2).device, { ...without(2), listVersion: 2 }, nowMs, random);
    // Under list 1 the opener is still in: the epoch can be read, and that is all.
    const accepted = acceptGrant(readGrant(makeGrant(early, granter(2), to(1))), facts, to(1));
    const after = without(2).roster;
    expect(isFor(accepted, facts.roster, hashRoster(facts.roster.keys()))).toBe(false);
    expect(isFor(accepted, after, hashRoster(after.keys()))).toBe(false);
    const honest = openEpoch(at(0).keys.sign, at(0).device, { ...without(2), listVersion: 2 }, nowMs, random);
    expect(isFor(honest, after, hashRoster(after.keys()))).toBe(true);
  });
});

describe('buckets', () => {
  const later = (epoch: Epoch, bucket: number) => hex(messageKey(epoch, bucket));

  it('have keys that do not depend on where one was let in', () => {
    const { epoch } = cast();
    for (const from of [0, 1, 5]) expect(later(forgetBefore(epoch, from), 7)).toBe(later(epoch, 7));
    expect(new Set([0, 1, 2, 3].map((bucket) => later(epoch, bucket))).size).toBe(4);
  });

  it('have keys that do not depend on which were asked for before', () => {
    const { epoch } = cast();
    const fresh = (bucket: number) => later({ ...epoch }, bucket);
    for (const bucket of [9, 2, 2, 3, 0, 9]) expect(later(epoch, bucket)).toBe(fresh(bucket));
    // A caller wipes the key it was given, and the next one still gets the right one.
    messageKey(epoch, 9).fill(0);
    expect(later(epoch, 9)).toBe(fresh(9));
  });

  it('that were forgotten cannot be read again', () => {
    const { epoch } = cast();
    const forgotten = forgetBefore(epoch, 3);
    expect(faultOf(() => messageKey(forgotten, 2))).toBe('unknown-key');
    expect(hex(forgotten.secret.open())).not.toBe(hex(epoch.secret.open()));
    expect(forgetBefore(forgotten, 1)).toBe(forgotten);
  });

  it('move with the clock, never back, and not far ahead of it', () => {
    const { epoch } = cast();
    expect(bucketAt(epoch, nowMs, 0)).toBe(0);
    expect(bucketAt(epoch, nowMs - 10 * bucketMs, 0)).toBe(0);
    expect(bucketAt(epoch, nowMs + 2 * bucketMs + 1, 0)).toBe(2);
    expect(bucketAt(epoch, nowMs, 3)).toBe(3);
    expect(isBucketTooFar(epoch, 4, nowMs)).toBe(false);
    expect(isBucketTooFar(epoch, 5, nowMs)).toBe(true);
    expect(isBucketTooFar(epoch, 5, nowMs + bucketMs)).toBe(false);
  });
});

/** Rules for epochs and grants (R1, R6 and R7), by the way they would be broken. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  acceptGrant,
  bucketAt,
  bucketMs,
  type Epoch,
  forgetBefore,
  type GrantFacts,
  isBucketTooFar,
  isFor,
  messageKey,
  openEpoch,
} from '../../../src/core/epoch.ts';
import { entryId } from '../../../src/core/id.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { hex } from '../../../src/wire/bytes.ts';
import { faultOf } from '../../kit/fault.ts';
import { castOfGrants as cast, granted } from '../../kit/grant.ts';

beforeAll(loadSodium);

const nowMs = 1_800_000_000_000;

describe('R6: a grant is worth what it can be checked against', () => {
  it('whoever opened an epoch cannot give two members two secrets', () => {
    const { facts, epoch, granter, to, random } = cast();
    const grant = granted(epoch, granter(0), to(1));
    expect(acceptGrant(grant, facts, to(1)).id).toBe(epoch.id);
    expect(faultOf(() => acceptGrant({ ...grant, secret: random(32) }, facts, to(2)))).toBe('bad-commitment');
  });

  it('a grant from a later bucket that nobody signed is refused', () => {
    const { facts, epoch, granter, to } = cast();
    const { granter: _, signature: __, ...unsigned } = granted(forgetBefore(epoch, 1), granter(1), to(2));
    expect(faultOf(() => acceptGrant(unsigned, facts, to(2)))).toBe('not-a-member');
  });

  it('a removed member cannot hand a victim a key of its own as a later bucket', () => {
    const { epoch, granter, to, without, random } = cast();
    const forged = granted(forgetBefore(epoch, 1), granter(2), to(1));
    const roster = without(2);
    expect(faultOf(() => acceptGrant({ ...forged, secret: random(32) }, { ...roster, listVersion: 2 }, to(1)))).toBe(
      'not-a-member',
    );
  });

  it('a signed later grant is for one prekey and one secret', () => {
    const { facts, epoch, granter, to, random } = cast();
    const grant = granted(forgetBefore(epoch, 1), granter(1), to(2));
    expect(faultOf(() => acceptGrant(grant, facts, to(2)))).toBe('none');
    expect(faultOf(() => acceptGrant(grant, facts, to(1)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...grant, secret: random(32) }, facts, to(2)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...grant, bucket: 2 }, facts, to(2)))).toBe('bad-signature');
  });
});

describe('R1: a grant is judged by what it names, or not yet', () => {
  it('one that names an operation nobody here knows waits, and holds once it is known', () => {
    const { at, epoch, granter, to, operation, knowing, remove, random } = cast();
    const removal = operation(remove(2, 0));
    const after = openEpoch(at(0).keys.sign, at(0).device, knowing(removal), nowMs, random);
    const grant = granted(after, granter(0), to(1));
    expect(after.control).toEqual([removal.id]);
    expect(faultOf(() => acceptGrant(grant, knowing(), to(1)))).toBe('unknown-reference');
    expect(acceptGrant(grant, knowing(removal), to(1)).id).toBe(after.id);
    // Nor can what is known be hidden behind one that is not.
    const control = [removal.id, entryId.of(new Uint8Array(32).fill(9))].sort();
    const more = openEpoch(at(0).keys.sign, at(0).device, { ...knowing(removal), control }, nowMs, random);
    expect(faultOf(() => acceptGrant(granted(more, granter(0), to(1)), knowing(removal), to(1)))).toBe(
      'unknown-reference',
    );
    expect(faultOf(() => acceptGrant(granted(epoch, granter(0), to(1)), knowing(removal), to(1)))).toBe('none');
  });

  it('one that names a list to come waits, whoever opened it', () => {
    const { facts, at, granter, to, random } = cast();
    for (const i of [0, 2])
      for (const listVersion of [2, 0xffffffff]) {
        const early = openEpoch(at(i).keys.sign, at(i).device, { ...facts, listVersion }, nowMs, random);
        expect(faultOf(() => acceptGrant(granted(early, granter(i), to(1)), facts, to(1)))).toBe('unknown-reference');
      }
  });

  it('an epoch that was taken before is not sent in while an operation it names is not known', () => {
    const { at, operation, knowing, remove, random } = cast();
    const removal = operation(remove(2, 0));
    const after = openEpoch(at(0).keys.sign, at(0).device, knowing(removal), nowMs, random);
    expect(isFor(after, knowing(removal))).toBe(true);
    expect(isFor(after, knowing())).toBe(false);
  });
});

describe('R7: an epoch is opened by a device of the roster', () => {
  it('one opened by a device that the list dropped is refused, whichever list it names', () => {
    const { facts, at, granter, to, without, random } = cast();
    for (const listVersion of [1, 2]) {
      const forged = openEpoch(at(2).keys.sign, at(2).device, { ...without(2), listVersion }, nowMs, random);
      const grant = granted(forged, granter(2), to(1));
      expect(faultOf(() => acceptGrant(grant, { ...without(2), listVersion: 2 }, to(1)))).toBe('not-a-member');
    }
    expect(facts.roster.size).toBe(3);
  });

  it('one opened by a device that an operation put out is refused, whether or not it names that operation', () => {
    const { facts, at, granter, to, operation, knowing, remove, random } = cast();
    const removal = operation(remove(2, 0));
    const now = knowing(removal);
    const { keys, device } = at(2);
    const open = (changes: Partial<GrantFacts>) =>
      openEpoch(keys.sign, device, { ...facts, ...changes }, nowMs, random);
    const covering = { control: [removal.id], roster: now.roster };
    for (const forged of [open(covering), open({ control: [removal.id] }), open({}), open({ roster: now.roster })]) {
      expect(faultOf(() => acceptGrant(granted(forged, granter(2), to(1)), now, to(1)))).toBe('not-a-member');
      expect(isFor(forged, now)).toBe(false);
    }
    // Before the removal was known the one from before it was good, and stays readable where it was taken.
    expect(acceptGrant(granted(open({}), granter(2), to(1)), facts, to(1)).device).toBe(device);
  });

  it('one that names a removal and is announced to the removed one is refused', () => {
    const { facts, at, granter, to, operation, knowing, remove, random } = cast();
    const removal = operation(remove(2, 0));
    const now = knowing(removal);
    expect([...now.roster.keys()]).not.toContain(at(2).device);
    const wide = openEpoch(at(0).keys.sign, at(0).device, { ...now, roster: facts.roster }, nowMs, random);
    expect(faultOf(() => acceptGrant(granted(wide, granter(0), to(1)), now, to(1)))).toBe('out-of-place');
    expect(isFor(wide, now)).toBe(false);
    const narrow = openEpoch(at(0).keys.sign, at(0).device, { ...facts, roster: now.roster }, nowMs, random);
    expect(faultOf(() => acceptGrant(granted(narrow, granter(0), to(1)), now, to(1)))).toBe('out-of-place');
    const honest = openEpoch(at(0).keys.sign, at(0).device, now, nowMs, random);
    expect(isFor(acceptGrant(granted(honest, granter(0), to(1)), now, to(1)), now)).toBe(true);
  });

  it('one from before a removal can be read and is not sent in', () => {
    const { epoch, granter, to, operation, knowing, remove } = cast();
    const now = knowing(operation(remove(2, 0)));
    expect(isFor(acceptGrant(granted(epoch, granter(0), to(1)), now, to(1)), now)).toBe(false);
  });

  it('a removed member hands on no later bucket, not even of an epoch it was granted', () => {
    const { epoch, granter, to, operation, knowing, remove } = cast();
    const later = forgetBefore(epoch, 1);
    const grant = granted(later, granter(2), to(1));
    expect(faultOf(() => acceptGrant(grant, knowing(), to(1)))).toBe('none');
    expect(faultOf(() => acceptGrant(grant, knowing(operation(remove(2, 0))), to(1)))).toBe('not-a-member');
  });

  it('one granted to more devices than the list gives is refused', () => {
    const { facts, at, granter, to, without, random } = cast();
    const wide = openEpoch(at(0).keys.sign, at(0).device, facts, nowMs, random);
    expect(faultOf(() => acceptGrant(granted(wide, granter(0), to(1)), without(2), to(1)))).toBe('out-of-place');
  });

  it('one that a member opened for a list without it, before it was removed, is not for that list', () => {
    const { facts, at, granter, to, without, random } = cast();
    const after = { ...without(2), listVersion: 2 };
    const early = openEpoch(at(2).keys.sign, at(2).device, after, nowMs, random);
    const grant = granted(early, granter(2), to(1));
    // Under list 1 the opener is still in, and nothing can be said of list 2; under list 2 it is out.
    expect(faultOf(() => acceptGrant(grant, facts, to(1)))).toBe('unknown-reference');
    expect(faultOf(() => acceptGrant(grant, after, to(1)))).toBe('not-a-member');
    expect(isFor(early, facts)).toBe(false);
    expect(isFor(early, after)).toBe(false);
    const honest = openEpoch(at(0).keys.sign, at(0).device, after, nowMs, random);
    expect(isFor(honest, after)).toBe(true);
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

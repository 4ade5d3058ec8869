/** Ways that were found to get into a room, to keep somebody out of it, or to undo what others did. Each was open once. */
import { beforeAll, describe, expect, it } from 'vitest';
import { maxControlHeads } from '../../../src/core/entry.ts';
import type { Membership } from '../../../src/core/membership.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { makeStage, nextList, operationsOf, Script, type Stage } from '../../kit/operations.ts';

await loadSodium();
beforeAll(loadSodium);

const [ada, bela, cleo, dunja, fatma, goran, hana, imre, jana] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const stage = makeStage({
  roles: [
    'commander',
    'officer',
    'responder',
    'responder',
    'commander',
    'officer',
    'responder',
    'officer',
    'commander',
  ],
  inRoom: [ada, bela, cleo, dunja, fatma, goran],
  devices: 2,
});
const { remove, add, role, policy } = operationsOf(stage);
const isIn = (membership: Membership, member: number, on: Stage = stage) => membership.people.has(on.member(member));
const verdict = (membership: Membership, { id }: { readonly id: Parameters<Membership['verdicts']['get']>[0] }) =>
  membership.verdicts.get(id);

describe('who has lost a role and still has a device', () => {
  // To name a harmless operation is no word for what its author put before it.
  it.each([
    ['removes a device of their own', remove([], [[fatma, 1]])],
    ['removes nobody', remove([])],
    ['proves a fork', undefined],
  ] as const)('does not get an old operation backed by one that everybody names: %s', (_, harmless) => {
    const script = new Script(stage);
    const list = nextList(stage, { roles: { [fatma]: 'responder' } });
    const forged = script.does(fatma, add([hana]));
    const vehicle = script.does(fatma, harmless ?? script.forkOf(cleo), [forged]);
    const seen = script.membership(list);
    expect(seen.heads).toEqual([]);
    // And were somebody to name it all the same, it is their word.
    script.says(fatma, [vehicle]);
    script.says([fatma, 1], [vehicle]);
    expect(isIn(script.membership(list), hana)).toBe(false);
    script.says(dunja, [vehicle]);
    expect(isIn(script.membership(list), hana)).toBe(true);
  });
});

describe('who has lost a role honestly', () => {
  it('keeps what they do now when others turn out to have known of what they did before', () => {
    const script = new Script(stage);
    const list = nextList(stage, { roles: { [goran]: 'responder' } });
    const before = script.does(goran, add([hana]));
    // Nobody is known to have seen it, so it is not named, not by themselves either.
    expect(script.membership(list).heads).toEqual([]);
    const stolen = script.does(goran, remove([], [[goran, 1]]));
    script.says(dunja, [before]);
    const membership = script.membership(list);
    expect(verdict(membership, before)).toBe('counts');
    expect(verdict(membership, stolen)).toBe('counts');
  });
});

describe('who was removed', () => {
  it('does not bring in a helper by a second addition beside the first: all that is known is decided before', () => {
    const script = new Script(stage);
    const first = script.does(ada, add([jana]));
    const second = script.does([jana, 1], add([imre]), [first]);
    const again = script.does([jana, 1], add([imre]), [second]);
    const theirs = script.does(imre, remove([cleo]), [again]);
    const out = script.does([ada, 1], remove([], [[jana, 1]]));
    const membership = script.membership();
    for (const each of [first, out]) expect(verdict(membership, each)).toBe('counts');
    for (const each of [second, again, theirs]) expect(verdict(membership, each)).toBe('overruled');
    expect(isIn(membership, imre)).toBe(false);
    expect(isIn(membership, cleo)).toBe(true);
  });

  it('does not bring in a helper with an addition made to look older', () => {
    const script = new Script(stage);
    const removal = script.does(ada, remove([bela]));
    const late = script.does(bela, add([imre]));
    script.does(imre, add([imre, hana]), [late]);
    const membership = script.membership();
    expect(isIn(membership, imre)).toBe(false);
    expect(isIn(membership, hana)).toBe(false);
    expect(verdict(membership, removal)).toBe('counts');
  });

  it('does not bring in a helper through two who were removed by different people', () => {
    const script = new Script(stage);
    script.does(ada, remove([bela]));
    script.does(fatma, remove([goran]));
    const late = [script.does(bela, add([imre])), script.does(goran, add([imre]))];
    const deep = script.does(imre, add([hana]), late);
    script.does(hana, remove([hana]), [deep]);
    const membership = script.membership();
    expect(verdict(membership, deep)).toBe('overruled');
    expect(isIn(membership, hana)).toBe(false);
  });

  it('does not undo by a late contradiction what they did before and others built on', () => {
    const script = new Script(stage);
    const addition = script.does(bela, add([imre]));
    const built = script.does(imre, add([hana]), [addition]);
    script.does(ada, remove([bela]), [built]);
    // From here on Béla only wants to do damage.
    script.does(bela, add([hana]));
    script.does(bela, remove([], [bela]));
    const membership = script.membership();
    expect(verdict(membership, addition)).toBe('counts');
    expect(isIn(membership, imre)).toBe(true);
    expect(isIn(membership, hana)).toBe(true);
  });

  it('does not do so by a copy of the feed either, once it was seen', () => {
    const script = new Script(stage);
    script.says(bela);
    const addition = script.does(bela, add([imre]));
    script.does(ada, script.forkOf(bela), [addition]);
    script.does(bela, add([hana]), [], { seq: 0 });
    const membership = script.membership();
    expect(verdict(membership, addition)).toBe('counts');
    expect(isIn(membership, imre)).toBe(true);
    expect(isIn(membership, hana)).toBe(false);
  });
});

describe('an officer', () => {
  it('does not undo what they did themselves, and with it what others did since', () => {
    const script = new Script(stage);
    const addition = script.does(bela, add([imre]));
    const built = script.does(imre, add([hana]), [addition]);
    const late = script.does(bela, add([imre]));
    const membership = script.membership();
    expect(verdict(membership, addition)).toBe('counts');
    expect(verdict(membership, built)).toBe('counts');
    expect(verdict(membership, late)).toBe('unordered');
  });

  it('does not remove in advance somebody whom the list ranks above them', () => {
    const small = makeStage({ roles: ['commander', 'officer', 'commander'], inRoom: [0, 1] });
    const does = operationsOf(small);
    const script = new Script(small);
    const forged = script.does(1, does.remove([2]));
    const addition = script.does(0, does.add([2]));
    const strict = script.does(2, does.policy('all'), [addition]);
    const membership = script.membership();
    expect(verdict(membership, forged)).toBe('no-right');
    expect(verdict(membership, strict)).toBe('counts');
    expect(isIn(membership, 2, small)).toBe(true);
  });
});

describe('a circle of removals', () => {
  it('does not save what its own members void: who stands beside it is not part of it', () => {
    const script = new Script(stage);
    // Fatma and Ada remove each other; Béla, whom Ada removes too, removes Dunja at the same time.
    const senior = script.does(ada, remove([fatma, bela]));
    const other = script.does(fatma, remove([ada, bela]));
    const beside = script.does(bela, remove([dunja]));
    script.does(dunja, remove([], [[dunja, 1]]));
    const membership = script.membership();
    expect(verdict(membership, beside)).toBe('overruled');
    expect(membership.contested.has(beside.id)).toBe(false);
    expect([senior, other].filter(({ id }) => membership.contested.has(id))).toHaveLength(1);
    expect(isIn(membership, dunja)).toBe(true);
  });

  it('does not let a senior one beside it go free', () => {
    // Béla is made a commander, so that they rank as high as those in the circle, but came to it later.
    const script = new Script(stage);
    const addition = script.does(ada, add([imre]));
    const rise = [bela, imre].reduce<Parameters<typeof script.does>[2]>(
      (known, who) => [script.does(ada, role(who, 'commander'), known)],
      [addition],
    );
    const joined = script.does(bela, add([hana]), rise);
    const risen = script.does(ada, role(hana, 'commander'), [joined]);
    // Circle: Imre and Hana. Fatma, a founder and senior to both, is removed by both and removes Dunja.
    script.does(imre, remove([hana, fatma]), [risen]);
    script.does(hana, remove([imre, fatma]), [risen]);
    const beside = script.does(fatma, remove([dunja]), [risen]);
    script.does(dunja, remove([], [[dunja, 1]]));
    const membership = script.membership();
    expect(verdict(membership, beside)).toBe('overruled');
    expect(isIn(membership, dunja)).toBe(true);
  });

  it('does not carry in who is senior to it and was never let in', () => {
    const script = new Script(stage);
    script.does(ada, remove([bela]));
    const late = script.does(bela, add([imre]));
    // Imre's two devices remove each other, so that nothing of theirs is decided before Jana's removal is.
    const one = script.does(imre, remove([], [[imre, 1]]), [late]);
    script.does([imre, 1], remove([], [imre]), [late]);
    const bridge = script.does(imre, add([jana]), [one]);
    const coup = script.does(jana, remove([imre, dunja]), [bridge]);
    const membership = script.membership();
    expect(verdict(membership, coup)).toBe('overruled');
    expect(isIn(membership, dunja)).toBe(true);
  });

  it('of forked devices that never ends still comes to something', () => {
    const script = new Script(stage);
    for (const device of [0, 1] as const) for (let i = 0; i < 3; i++) script.says([ada, device]);
    const b = script.does([ada, 0], policy('all'));
    const d = script.does([ada, 1], policy('all'));
    script.does([ada, 1], policy('all'), [b], { seq: 0 });
    script.does([ada, 0], policy('all'), [d], { seq: 0 });
    expect(script.membership().policy.history).toBe('all');
    expect(script.membership(stage.list, [d, b, ...script.entries.slice(-2).reverse()]).heads).toEqual(
      script.membership().heads,
    );
  });
});

describe('many operations', () => {
  it('of a device do not push out what came before', () => {
    const script = new Script(stage);
    const first = script.does(bela, add([imre]));
    let last = first;
    for (let i = 0; i < 300; i++) last = script.does(bela, i % 2 === 0 ? remove([imre]) : add([imre]), [last]);
    const named = script.does(ada, policy('all'), [last]);
    const log = script.log();
    expect(log.operations.has(last.id)).toBe(true);
    const membership = script.membership();
    expect(verdict(membership, first)).toBe('counts');
    expect(verdict(membership, last)).not.toBe('counts');
    expect(verdict(membership, named)).toBe('counts');
  });

  it('of a device are too many from the same one on, whichever came first', () => {
    const script = new Script(stage);
    for (let i = 0; i < 260; i++) script.does(cleo, i === 255 ? remove([cleo]) : add([hana]));
    const turned = script.membership(stage.list, [...script.entries].reverse());
    expect(isIn(turned, cleo)).toBe(false);
    expect([...turned.verdicts].sort()).toEqual([...script.membership().verdicts].sort());
  });

  it('that nobody built on do not keep an honest device from naming some of them', () => {
    const crowd = makeStage({ roles: Array.from({ length: 70 }, (_, i) => (i === 0 ? 'commander' : 'responder')) });
    const does = operationsOf(crowd);
    const script = new Script(crowd);
    for (let i = 1; i < 70; i++) script.does(i, does.remove([i]));
    const before = script.membership();
    expect(before.heads.length).toBe(maxControlHeads);
    // Among them each device finds its own, or its next would not count.
    for (const { id, device } of script.entries) expect(before.headsFor(device)).toContain(id);
    script.does(0, does.policy('all'), before.heads);
    expect(script.membership().policy.history).toBe('all');
  });

  it('of a plain member in contradiction to each other are not named by anybody', () => {
    const script = new Script(stage);
    for (let i = 0; i < 20; i++) script.does(cleo, remove([], [[cleo, 1]]));
    expect(script.membership().heads.length).toBe(1);
  });
});

/** Operations made at the same time: which hold, whoever saw which first. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/entry.ts';
import type { Membership } from '../../../src/core/membership.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { makeStage, nextList, operationsOf, Script, viewOf, type Who } from '../../kit/operations.ts';

await loadSodium();
beforeAll(loadSodium);

const [ada, bela, cleo, dunja, fatma, goran, hana, imre] = [0, 1, 2, 3, 4, 5, 6, 7];
const stage = makeStage({
  roles: ['commander', 'officer', 'responder', 'responder', 'commander', 'officer', 'responder', 'officer'],
  inRoom: [ada, bela, cleo, dunja, fatma, goran],
  devices: 2,
});
const { remove, add, role, policy } = operationsOf(stage);
const isIn = (membership: Membership, member: number) => membership.people.has(stage.member(member));
const verdictsOf = (membership: Membership, ...entries: readonly Entry[]) =>
  entries.map(({ id }) => membership.verdicts.get(id));
/** Whichever of two has the lower id. */
const lowerOf = (a: number, b: number) => (stage.member(a) < stage.member(b) ? [a, b] : [b, a]);

describe('a removal', () => {
  it.each([
    ['with the member', remove([bela])],
    ['of the device alone', remove([], [bela])],
  ])('voids what the removed one did at the same time: %s', (_, body) => {
    const script = new Script(stage);
    script.does(ada, body);
    const late = script.does(bela, add([hana]));
    const membership = script.membership();
    expect(verdictsOf(membership, late)).toEqual(['overruled']);
    expect(isIn(membership, hana)).toBe(false);
  });

  it('leaves what it knew, what another device of theirs did, and what came from others', () => {
    const script = new Script(stage);
    const before = script.does(bela, add([hana]));
    script.does(ada, remove([], [bela]), [before]);
    const second = script.does([bela, 1], add([imre]), [before]);
    const other = script.does(goran, remove([cleo]));
    expect(verdictsOf(script.membership(), before, second, other)).toEqual(['counts', 'counts', 'counts']);
  });

  it('that is void itself voids nothing', () => {
    const script = new Script(stage);
    script.does(ada, remove([bela]));
    const void1 = script.does(bela, remove([cleo]));
    const own = script.does(cleo, remove([], [[cleo, 1]]));
    const membership = script.membership();
    expect(verdictsOf(membership, void1, own)).toEqual(['overruled', 'counts']);
    expect(isIn(membership, cleo)).toBe(true);
  });
});

it('who knew of something void keeps the right they had without it, also where they have left the list since', () => {
  const script = new Script(stage);
  script.does(ada, remove([bela]));
  const late = script.does(bela, add([hana]));
  const built = script.does(goran, add([imre]), [late]);
  expect(verdictsOf(script.membership(), late, built)).toEqual(['overruled', 'counts']);
  script.says(dunja, [built]);
  const list = nextList(stage, { gone: [goran] });
  expect(verdictsOf(script.membership(list), late, built)).toEqual(['overruled', 'counts']);
});

describe('a demotion', () => {
  it('voids what the demoted one did at the same time', () => {
    const script = new Script(stage);
    script.does(ada, role(bela, 'responder'));
    const late = script.does(bela, add([hana]));
    expect(verdictsOf(script.membership(), late)).toEqual(['overruled']);
  });

  it('is none when the role is the same or higher', () => {
    for (const given of ['officer', 'commander'] as const) {
      const script = new Script(stage);
      script.does(ada, role(bela, given));
      const late = script.does(bela, add([hana]));
      expect(verdictsOf(script.membership(), late)).toEqual(['counts']);
    }
  });
});

describe('removals in a circle', () => {
  it('the higher rank holds, and it shows', () => {
    const pairs = [bela, goran].flatMap((officer) => [cleo, dunja].map((other) => [officer, other] as const));
    // Also where the id alone would say otherwise.
    expect(new Set(pairs.map(([officer, other]) => lowerOf(officer, other)[0] === officer)).size).toBe(2);
    for (const [officer, risen] of pairs) {
      const script = new Script(stage);
      const rise = script.does(ada, role(risen, 'commander'));
      // The officer does not know that they rank above them now.
      const one = script.does(officer, remove([risen]));
      const other = script.does(risen, remove([officer]), [rise]);
      const membership = script.membership();
      expect(verdictsOf(membership, one, other)).toEqual(['overruled', 'counts']);
      expect([...membership.contested]).toEqual([other.id]);
      expect([isIn(membership, officer), isIn(membership, risen)]).toEqual([false, true]);
    }
  });

  it('of one rank, who is nearer to the founding holds', () => {
    const script = new Script(stage);
    const addition = script.does(bela, add([imre]));
    const risen = script.does(ada, role(imre, 'commander'), [addition]);
    for (const founder of [ada, fatma]) {
      const copy = new Script(stage);
      copy.entries.push(addition, risen);
      const known = founder === ada ? [risen] : [risen, copy.does(ada, policy('all'), [risen])];
      const one = copy.does(imre, remove([founder]), known);
      const other = copy.does(founder, remove([imre]), known, { seq: 9, previous: risen.id });
      const membership = copy.membership();
      expect(verdictsOf(membership, one, other)).toEqual(['overruled', 'counts']);
      expect([...membership.contested]).toEqual([other.id]);
    }
  });

  it('of equals, the lower id holds', () => {
    const script = new Script(stage);
    const [low, high] = lowerOf(ada, fatma);
    if (low === undefined || high === undefined) throw new Error('two commanders');
    const one = script.does(high, remove([low]));
    const other = script.does(low, remove([high]));
    const membership = script.membership();
    expect(verdictsOf(membership, one, other)).toEqual(['overruled', 'counts']);
    expect(isIn(membership, low)).toBe(true);
  });

  it('of three, the senior’s holds and the rest follows', () => {
    const script = new Script(stage);
    const rise = [script.does(ada, role(bela, 'commander')), script.does(fatma, role(goran, 'commander'))];
    const all = script.does(ada, add([imre]), rise);
    const risen = script.does(ada, role(imre, 'commander'), [all]);
    const circle = [
      script.does(imre, remove([bela]), [risen]),
      script.does(bela, remove([goran]), [risen]),
      script.does(goran, remove([imre]), [risen]),
    ];
    const membership = script.membership();
    const [low] = lowerOf(bela, goran);
    // Béla and Goran were founders, Imre came later. Who is struck by none that holds, holds as well.
    expect(verdictsOf(membership, ...circle)).toEqual(
      low === bela ? ['counts', 'counts', 'overruled'] : ['overruled', 'counts', 'counts'],
    );
    expect([...membership.contested]).toEqual([circle[low === bela ? 1 : 2]?.id]);
  });

  it('is none where one knew of the other', () => {
    const script = new Script(stage);
    const one = script.does(ada, remove([fatma]));
    const other = script.does(fatma, remove([ada]), [one]);
    const membership = script.membership();
    expect(verdictsOf(membership, one, other)).toEqual(['counts', 'no-right']);
    expect(membership.contested.size).toBe(0);
  });
});

describe('operations of one device beside each other', () => {
  it('the earlier one counts and the later one does not', () => {
    const script = new Script(stage);
    const one = script.does(bela, add([hana]));
    const other = script.does(bela, add([imre]));
    const after = script.does(bela, add([cleo]), [one]);
    expect(verdictsOf(script.membership(), one, other, after)).toEqual(['counts', 'unordered', 'counts']);
  });

  it('of two devices of one member both count', () => {
    const script = new Script(stage);
    const both = [script.does(bela, add([hana])), script.does([bela, 1], add([imre]))];
    expect(verdictsOf(script.membership(), ...both)).toEqual(['counts', 'counts']);
  });

  it('one that knows a later one of its own device has no place', () => {
    const script = new Script(stage);
    script.says(bela);
    const later = script.does(bela, add([hana]));
    const back = script.does(bela, add([imre]), [later], { seq: 0 });
    expect(verdictsOf(script.membership(), later, back)).toEqual(['counts', 'unordered']);
  });
});

describe('a proof of a fork', () => {
  const convict = (script: Script, by: Who, who: Who, knowing: readonly Entry[] = []) =>
    script.does(by, script.forkOf(who), knowing);

  it('may come from anyone in the room and puts the device out for good', () => {
    const script = new Script(stage);
    const proof = convict(script, dunja, ada);
    script.does(fatma, add([ada], [ada]), [proof]);
    const { roster, people } = script.membership();
    expect(roster.has(stage.device(ada))).toBe(false);
    expect(roster.has(stage.device([ada, 1]))).toBe(true);
    expect(people.has(stage.member(ada))).toBe(true);
  });

  it('is nothing from outside the room', () => {
    const script = new Script(stage);
    expect(verdictsOf(script.membership(), convict(script, hana, ada))).toEqual([undefined]);
    expect(script.membership().roster.has(stage.device(ada))).toBe(true);
    expect([...script.membership().verdicts.values()]).toEqual(['no-right']);
  });

  it('holds even if its author is removed at the same time, by whom it convicts', () => {
    const script = new Script(stage);
    const removal = script.does(ada, remove([cleo]));
    const proof = convict(script, cleo, ada);
    const membership = script.membership();
    expect(verdictsOf(membership, removal, proof)).toEqual(['overruled', 'counts']);
    expect(membership.contested.size).toBe(0);
    expect(membership.roster.has(stage.device(ada))).toBe(false);
  });

  it('voids what the device did at the same time and leaves what the proof knew', () => {
    const script = new Script(stage);
    const before = script.does(bela, add([hana]));
    convict(script, cleo, bela, [before]);
    const late = script.does(bela, add([imre]), [before]);
    expect(verdictsOf(script.membership(), before, late)).toEqual(['counts', 'overruled']);
  });

  it('that proves nothing convicts nobody', () => {
    const script = new Script(stage);
    const { proof } = script.forkOf(ada);
    for (const bad of [new Uint8Array(), proof.slice(0, -1), proof.with(proof.length - 3, 1 ^ (proof.at(-3) ?? 0))]) {
      const { id } = script.does(cleo, { type: 'fork', proof: bad });
      expect(script.membership().verdicts.get(id)).toBe('no-right');
    }
    expect(script.membership().roster.has(stage.device(ada))).toBe(true);
  });
});

it('the order in which they come says nothing', () => {
  const script = new Script(stage);
  script.does(bela, remove([cleo], [], [[cleo, 3]]));
  script.does(ada, remove([fatma]));
  script.does(fatma, remove([ada, bela]));
  script.does(goran, add([hana]));
  const whos = [0, 1, 2, 3, 4, 5, 6];
  const view = viewOf(script, script.membership(), whos);
  const turned = script.membership(stage.list, [...script.entries].reverse());
  expect(viewOf(script, turned, whos)).toEqual({ ...view, verdicts: view.verdicts });
});

/** Who may do what in a room, and what one operation after the other makes of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../../src/core/sodium.ts';
import { makeStage, nextList, operationsOf, Script } from '../../kit/operations.ts';

await loadSodium();
beforeAll(loadSodium);

const [ada, bela, cleo, dunja, emil, fatma, goran, hana, imre] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
/** Hana and Imre are on the list and not in the room. */
const stage = makeStage({
  roles: [
    'commander',
    'officer',
    'responder',
    'responder',
    'observer',
    'commander',
    'officer',
    'responder',
    'officer',
    'archivist',
  ],
  inRoom: [ada, bela, cleo, dunja, emil, fatma, goran, 9],
  devices: 2,
});
const { remove, add, role, policy } = operationsOf(stage);
const isIn = (script: Script, member: number, list = stage.list) =>
  script.membership(list).people.has(stage.member(member));
const roleIn = (script: Script, member: number) => script.membership().people.get(stage.member(member))?.role;

describe('the right to an operation', () => {
  it.each([
    ['a commander removes an officer', ada, remove([bela]), true],
    ['a commander removes a commander', ada, remove([fatma]), true],
    ['a commander gives a role', ada, role(cleo, 'officer'), true],
    ['a commander sets the policy', ada, policy('all'), true],
    ['a commander adds', ada, add([hana]), true],
    ['an officer adds anybody', bela, add([imre]), true],
    ['an officer removes a responder', bela, remove([cleo]), true],
    ['an officer removes a device of an observer', bela, remove([], [[emil, 1]]), true],
    ['an officer removes an officer', bela, remove([goran]), false],
    ['an officer removes a commander', bela, remove([ada]), false],
    ['an officer removes a device of a commander', bela, remove([], [ada]), false],
    ['an officer removes one of many that ranks above', bela, remove([cleo, ada]), false],
    ['an officer gives a role', bela, role(cleo, 'observer'), false],
    ['an officer sets the policy', bela, policy('all'), false],
    ['a responder adds', cleo, add([hana]), false],
    ['a responder removes an observer', cleo, remove([emil]), false],
    ['a responder gives a role', cleo, role(cleo, 'commander'), false],
    ['a responder sets the policy', cleo, policy('none', 'high'), false],
    ['an observer adds', emil, add([hana]), false],
    ['an archivist removes somebody', 9, remove([emil]), false],
    ['anyone removes themselves', emil, remove([emil]), true],
    ['anyone removes a device of their own', cleo, remove([], [[cleo, 1]]), true],
    ['nobody but they removes their device', cleo, remove([], [[dunja, 1]]), false],
    ['somebody outside adds themselves', imre, add([imre]), false],
    ['somebody outside removes themselves', hana, remove([hana]), false],
  ] as const)('%s', (_, who, body, has) => {
    const script = new Script(stage);
    const before = script.membership();
    const { id } = script.does(who, body);
    const after = script.membership();
    expect(after.verdicts.get(id)).toBe(has ? 'counts' : 'no-right');
    if (has) return;
    expect(after.people).toEqual(before.people);
    expect([...after.roster.keys()]).toEqual([...before.roster.keys()]);
    expect(after.policy).toEqual(before.policy);
    expect(after.heads).toEqual([]);
  });

  it('is that of its own causal past: a role counts for whoever knew of it', () => {
    const script = new Script(stage);
    const risen = script.does(ada, role(cleo, 'officer'));
    const without = script.does(cleo, add([imre]));
    const withIt = script.does(cleo, add([hana]), [risen, without]);
    const { verdicts } = script.membership();
    expect([without, withIt].map(({ id }) => verdicts.get(id))).toEqual(['no-right', 'counts']);
  });

  it('is nobody’s any more who knew that they were out', () => {
    const script = new Script(stage);
    const removal = script.does(ada, remove([bela]));
    const late = script.does(bela, add([hana]), [removal]);
    expect(script.membership().verdicts.get(late.id)).toBe('no-right');
    const other = script.does(ada, remove([], [goran]), [removal]);
    const silenced = script.does(goran, add([hana]), [other]);
    expect(script.membership().verdicts.get(silenced.id)).toBe('no-right');
    const second = script.does([goran, 1], add([hana]), [other]);
    expect(script.membership().verdicts.get(second.id)).toBe('counts');
  });

  it('is a commander’s for the founder, whatever the list says of them', () => {
    const own = makeStage({ roles: ['commander', 'responder', 'responder'], inRoom: [0, 1], founder: 1 });
    const script = new Script(own);
    const addition = script.does(1, operationsOf(own).add([2]));
    expect(script.membership().verdicts.get(addition.id)).toBe('counts');
    expect(script.membership().people.get(own.member(1))).toEqual({ role: 'commander', depth: 0 });
  });
});

describe('what operations make of a room', () => {
  it('the founding members and nobody else are in before any', () => {
    const { people, roster, policy: set } = new Script(stage).membership();
    expect(people.size).toBe(8);
    expect(roster.size).toBe(16);
    expect(set).toEqual({ history: 'none', horizon: 'default' });
    expect(new Script(makeStage({ roles: ['commander', 'responder'] })).membership().people.size).toBe(2);
  });

  it('who is removed is out with all devices; who is added is in with them', () => {
    const script = new Script(stage);
    script.does(ada, remove([cleo]));
    script.does(bela, add([hana]));
    const { people, roster } = script.membership();
    expect(people.get(stage.member(hana))).toEqual({ role: 'responder', depth: 1 });
    expect([roster.has(stage.device(cleo)), roster.has(stage.device([cleo, 1]))]).toEqual([false, false]);
    expect([roster.has(stage.device(hana)), roster.has(stage.device([hana, 1]))]).toEqual([true, true]);
  });

  it('a device alone can be out, and in again', () => {
    const script = new Script(stage);
    const out = script.does(cleo, remove([], [[cleo, 1]]));
    expect(script.membership().roster.has(stage.device([cleo, 1]))).toBe(false);
    expect(script.membership().roster.has(stage.device(cleo))).toBe(true);
    script.does(bela, add([], [[cleo, 1]]), [out]);
    expect(script.membership().roster.has(stage.device([cleo, 1]))).toBe(true);
  });

  it('an addition restores only whom it knew to be removed', () => {
    const script = new Script(stage);
    const removal = script.does(ada, remove([cleo]));
    script.does(bela, add([cleo]));
    expect(isIn(script, cleo)).toBe(false);
    const again = script.does(goran, add([cleo]), [removal]);
    expect(isIn(script, cleo)).toBe(true);
    script.does(ada, remove([cleo]), [again]);
    expect(isIn(script, cleo)).toBe(false);
  });

  it('of two removals an addition must know both', () => {
    const script = new Script(stage);
    const one = script.does(ada, remove([cleo]));
    const other = script.does(fatma, remove([cleo]));
    const half = script.does(bela, add([cleo]), [one]);
    expect(isIn(script, cleo)).toBe(false);
    script.does(bela, add([cleo]), [half, other]);
    expect(isIn(script, cleo)).toBe(true);
  });

  it('of roles the newest holds, of those given at the same time the lowest', () => {
    const script = new Script(stage);
    const first = script.does(ada, role(cleo, 'commander'));
    expect(roleIn(script, cleo)).toBe('commander');
    const second = script.does(fatma, role(cleo, 'officer'), [first]);
    expect(roleIn(script, cleo)).toBe('officer');
    const third = [
      script.does(ada, role(cleo, 'observer'), [second]),
      script.does(fatma, role(cleo, 'commander'), [second]),
    ];
    expect(roleIn(script, cleo)).toBe('observer');
    script.does(ada, role(cleo, 'responder'), third);
    expect(roleIn(script, cleo)).toBe('responder');
  });

  it('of policies the newest holds, of those set at the same time the stricter in each part', () => {
    const script = new Script(stage);
    const one = script.does(ada, policy('all', 'default'));
    expect(script.membership().policy).toEqual({ history: 'all', horizon: 'default' });
    const other = script.does(fatma, policy('none', 'high'));
    expect(script.membership().policy).toEqual({ history: 'none', horizon: 'high' });
    script.does(ada, policy('all', 'default'), [one, other]);
    expect(script.membership().policy).toEqual({ history: 'all', horizon: 'default' });
  });

  it('says who was in when certain operations were known, by the list in force', () => {
    const script = new Script(stage);
    const addition = script.does(bela, add([hana]));
    const removal = script.does(ada, remove([cleo]), [addition]);
    const membership = script.membership();
    const has = (heads: readonly { readonly id: typeof addition.id }[], member: number) =>
      membership.rosterAt(heads.map(({ id }) => id)).has(stage.device(member));
    expect([has([], cleo), has([], hana)]).toEqual([true, false]);
    expect([has([addition], cleo), has([addition], hana)]).toEqual([true, true]);
    expect([has([removal], cleo), has([removal], hana)]).toEqual([false, true]);
    expect(membership.wasIn(stage.device(cleo), [removal.id])).toBe(false);
  });

  it('names the newest operations, and none whose author had no right', () => {
    const script = new Script(stage);
    const one = script.does(ada, policy('all'));
    const two = script.does(bela, add([hana]), [one]);
    const beside = script.does(fatma, policy('none'));
    script.does(cleo, add([imre]), [two]);
    expect(script.membership().heads).toEqual([two.id, beside.id].sort());
  });
});

describe('the list in force', () => {
  it('wins: who is not on it is in no room, and a device that is not on it neither', () => {
    const script = new Script(stage);
    script.does(bela, add([hana]));
    const list = nextList(stage, { gone: [hana, [cleo, 1]] });
    const { people, roster } = script.membership(list);
    expect(people.has(stage.member(hana))).toBe(false);
    expect([...roster.keys()].every((id) => list.devices.has(id))).toBe(true);
    expect(roster.has(stage.device(cleo))).toBe(true);
  });

  it.each([
    ['has left it', { gone: [goran] }],
    ['has lost the role on it', { roles: { [goran]: 'responder' } }],
    ['has lost the device', { gone: [[goran, 0]] }],
  ] as const)('what somebody did who %s counts if another member on the list wrote knowing it', (_, changes) => {
    const list = nextList(stage, changes);
    const script = new Script(stage);
    const removal = script.does(goran, remove([cleo]));
    expect(script.membership(list).verdicts.get(removal.id)).toBe('no-right');
    expect(isIn(script, cleo, list)).toBe(true);
    // Neither they nor somebody who left with them.
    script.says([goran, 1], [removal]);
    script.says(emil, [removal]);
    const also = { ...changes, gone: [...('gone' in changes ? changes.gone : []), emil] };
    expect(isIn(script, cleo, nextList(stage, also))).toBe(true);
    const later = script.does(fatma, policy('all'), [removal]);
    script.says(dunja, [later]);
    expect(script.membership(nextList(stage, also)).verdicts.get(removal.id)).toBe('counts');
    expect(isIn(script, cleo, list)).toBe(false);
  });

  it('backing reaches through later operations', () => {
    const list = nextList(stage, { gone: [goran, fatma] });
    const script = new Script(stage);
    const removal = script.does(goran, remove([cleo]));
    const later = script.does(fatma, policy('all'), [removal]);
    expect(isIn(script, cleo, list)).toBe(true);
    script.says(dunja, [later]);
    expect(isIn(script, cleo, list)).toBe(false);
    expect(script.membership(list).policy.history).toBe('all');
  });

  it('backing is the word of who was in, not of whom the operation lets in', () => {
    const list = nextList(stage, { gone: [goran] });
    const script = new Script(stage);
    const added = script.does(goran, add([hana]));
    script.says(hana, [added]);
    expect(script.membership(list).verdicts.get(added.id)).toBe('no-right');
    expect(isIn(script, hana, list)).toBe(false);
    script.says(dunja, [added]);
    expect(script.membership(list).verdicts.get(added.id)).toBe('counts');
  });

  it('backing gives nobody what they never had', () => {
    const list = nextList(stage, { gone: [cleo] });
    const script = new Script(stage);
    const forged = script.does(cleo, add([hana]));
    script.says(dunja, [forged]);
    expect(script.membership(list).verdicts.get(forged.id)).toBe('no-right');
    expect(isIn(script, hana, list)).toBe(false);
  });
});

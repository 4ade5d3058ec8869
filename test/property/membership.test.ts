/**
 * Any operations, honest or not, in any order in which each comes after those it names: everybody concludes the same,
 * and nobody comes in without somebody who may let them in.
 */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { OperationBody } from '../../src/core/control.ts';
import type { Entry } from '../../src/core/entry.ts';
import type { MusterList } from '../../src/core/list.ts';
import { roles } from '../../src/core/leaf.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { makeStage, nextList, operationsOf, Script, viewOf, type Who } from '../kit/operations.ts';
import { seeded } from '../kit/random.ts';

await loadSodium();
beforeAll(loadSodium);

/** The last two are on the list and not in the room. */
const stage = makeStage({
  roles: ['commander', 'officer', 'responder', 'commander', 'officer', 'responder', 'officer', 'commander'],
  inRoom: [0, 1, 2, 3, 4, 5],
  devices: 2,
});
const members = [0, 1, 2, 3, 4, 5, 6, 7];
const whos: readonly Who[] = members.flatMap((i): Who[] => [i, [i, 1]]);
const lists: readonly MusterList[] = [
  stage.list,
  nextList(stage, { gone: [4, [1, 0]], roles: { 0: 'responder', 5: 'officer' } }),
];
const { remove, add, role, policy } = operationsOf(stage);

interface Step {
  readonly kind: 'remove' | 'device' | 'add' | 'addDevice' | 'role' | 'policy' | 'fork' | 'say';
  readonly by: number;
  readonly device: number;
  readonly target: number;
  readonly other: number;
  readonly role: (typeof roles)[number];
  /** What it names: everything newest, or what these numbers pick, which may be much too little. */
  readonly knows: 'all' | readonly number[];
  /** A place in its feed that is taken. */
  readonly back: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'remove',
    'remove',
    'remove',
    'device',
    'add',
    'add',
    'addDevice',
    'role',
    'policy',
    'fork',
    'say',
  ),
  by: fc.nat({ max: 7 }),
  device: fc.constantFrom(0, 0, 0, 1),
  target: fc.nat({ max: 7 }),
  other: fc.nat({ max: 7 }),
  role: fc.constantFrom(...roles),
  knows: fc.oneof(fc.constant('all' as const), fc.array(fc.nat({ max: 40 }), { maxLength: 3 })),
  back: fc.nat({ max: 7 }).map((n) => n === 0),
});

function bodyOf(script: Script, { kind, target, other, role: given }: Step): OperationBody | undefined {
  switch (kind) {
    case 'remove':
      return remove([...new Set([target, other])], [], [[target, other]]);
    case 'device':
      return remove([], [[target, other % 2]], [[[target, other % 2], other]]);
    case 'add':
      return add([target]);
    case 'addDevice':
      return add([], [[target, other % 2]]);
    case 'role':
      return role(target, given);
    case 'policy':
      return policy(target % 2 === 0 ? 'all' : 'none', other % 2 === 0 ? 'high' : 'default');
    case 'fork':
      return script.forkOf([target, other % 2]);
    case 'say':
      return undefined;
  }
}

function play(steps: readonly Step[]): Script {
  const script = new Script(stage);
  for (const each of steps) {
    const { knows, back } = each;
    const ops = [...script.log().operations.keys()];
    const known = knows === 'all' ? script.membership().heads : knows.flatMap((n) => ops[n % ops.length] ?? []);
    const body = bodyOf(script, each);
    const place = back ? { seq: 0 } : undefined;
    if (body === undefined) script.says([each.by, each.device], known, place);
    else script.does([each.by, each.device], body, known, place);
  }
  return script;
}

/** Another order in which each comes after those it names. */
function reorder(entries: readonly Entry[], random: { next(): number }): readonly Entry[] {
  const left = [...entries];
  const done = new Set<string>();
  const order: Entry[] = [];
  while (left.length > 0) {
    const ready = left.filter(({ control }) => control.every((id) => done.has(id)));
    const next = ready[Math.floor(random.next() * ready.length)];
    if (next === undefined) throw new Error('every entry comes after those it names');
    left.splice(left.indexOf(next), 1);
    done.add(next.id);
    order.push(next);
  }
  return order;
}

const steps = fc.array(step, { minLength: 2, maxLength: 24 });
const runs = { numRuns: 120 };

it('whatever the order, everybody concludes the same', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, seed) => {
      const script = play(all);
      const random = seeded(seed);
      for (const list of lists) {
        const view = viewOf(script, script.membership(list), whos);
        for (let i = 0; i < 3; i++) {
          const other = script.membership(list, reorder(script.entries, random));
          expect(viewOf(script, other, whos)).toEqual(view);
        }
      }
    }),
    runs,
  );
});

it('who a removal that counts has put out is out, unless an addition that counts knew of it', () => {
  let removed = 0;
  fc.assert(
    fc.property(steps, (all) => {
      const script = play(all);
      const membership = script.membership();
      const operations = [...script.log().operations.values()];
      const counting = operations.filter(({ id }) => membership.verdicts.get(id) === 'counts');
      for (const { id, body } of counting) {
        if (body.type !== 'remove') continue;
        const again = counting.filter((each) => each.body.type === 'add' && membership.closure([each.id]).has(id));
        for (const member of body.members) {
          if (again.some((each) => each.body.type === 'add' && each.body.members.includes(member))) continue;
          removed += 1;
          expect(membership.people.has(member)).toBe(false);
          expect([...membership.roster.values()].some((device) => device.member === member)).toBe(false);
        }
      }
    }),
    runs,
  );
  expect(removed).toBeGreaterThan(0);
});

it('who has no right to let anybody in does not, however many of them there are and whatever they claim to know', () => {
  const plain = fc.record({ by: fc.constantFrom(2, 5, 6, 7) }).chain(({ by }) => step.map((each) => ({ ...each, by })));
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 16 }), (all) => {
      const { people, roster, policy: set } = play(all).membership();
      const founders = new Set([0, 1, 2, 3, 4, 5].map(stage.member));
      expect([...people.keys()].every((member) => founders.has(member))).toBe(true);
      expect([...roster.values()].every(({ member }) => founders.has(member))).toBe(true);
      // Nor do they put anybody out but themselves and devices that contradict themselves.
      for (const member of [0, 1, 3, 4]) expect(people.get(stage.member(member))).toBeDefined();
      expect(set).toEqual({ history: 'none', horizon: 'default' });
    }),
    runs,
  );
});

it('what people without a right do beside others changes nothing for those', () => {
  const honest = fc
    .record({ by: fc.constantFrom(0, 3), kind: fc.constantFrom<Step['kind']>('remove', 'device', 'policy', 'say') })
    .chain((own) => step.map((each): Step => ({ ...each, ...own, knows: 'all', back: false })));
  const hostile = fc
    .record({
      by: fc.constantFrom(2, 7),
      kind: fc.constantFrom<Step['kind']>('remove', 'device', 'add', 'role', 'say'),
    })
    .chain((own) => step.map((each): Step => ({ ...each, ...own })));
  fc.assert(
    fc.property(fc.array(honest, { maxLength: 8 }), fc.array(hostile, { maxLength: 8 }), (first, then) => {
      const before = play(first);
      const [old, now] = [before.membership(), play([...first, ...then]).membership()];
      for (const id of before.log().operations.keys()) expect(now.verdicts.get(id)).toBe(old.verdicts.get(id));
      for (const i of [0, 1, 3, 4, 5, 6, 7])
        expect(now.people.get(stage.member(i))).toEqual(old.people.get(stage.member(i)));
      expect(now.policy).toEqual(old.policy);
    }),
    runs,
  );
});

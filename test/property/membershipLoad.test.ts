/** One device that signs as much as it can does not keep the others busy: where this grew too fast it took minutes. */
import { beforeAll, expect, it } from 'vitest';
import type { OperationBody } from '../../src/core/control.ts';
import type { Entry } from '../../src/core/entry.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { makeStage, operationsOf, Script, type Who } from '../kit/operations.ts';

await loadSodium();
beforeAll(loadSodium);

const stage = makeStage({
  roles: ['commander', 'officer', 'responder', 'commander', 'officer', 'responder', 'officer', 'commander'],
  inRoom: [0, 1, 2, 3, 4, 5],
  devices: 2,
});
const { remove, add, role, policy } = operationsOf(stage);

/** Ten times what it takes, for machines that do much else. */
const maxMs = 10_000;
const timed = (script: Script) => {
  const log = script.log();
  const startMs = performance.now();
  const membership = script.membership();
  expect(log.operations.size).toBeGreaterThanOrEqual(256);
  expect(performance.now() - startMs).toBeLessThan(maxMs);
  return membership;
};
const chain = (script: Script, by: Who, bodies: (i: number) => OperationBody, count = 256) => {
  let last: readonly Entry[] = [];
  for (let i = 0; i < count; i++) last = [script.does(by, bodies(i), last)];
  return last;
};

it.each([
  ['in a row', () => remove([])],
  ['adding and removing', (i: number) => (i % 2 === 0 ? remove([2]) : add([2]))],
  ['giving roles', (i: number) => role(i % 8, i % 3 === 0 ? 'officer' : 'responder')],
  ['setting policies', () => policy('all')],
] as const)('by 256 operations %s, and as many of others after them', (_, body) => {
  const script = new Script(stage);
  let last = chain(script, 0, body);
  for (let i = 0; i < 64; i++) last = [script.does(3, policy('none'), last)];
  timed(script);
});

it('by 256 operations that were all removed at the same time, with others after it', () => {
  const script = new Script(stage);
  chain(script, 1, (i) => (i % 2 === 0 ? remove([2]) : add([2])));
  let last = [script.does(0, remove([1]))];
  for (let i = 0; i < 64; i++) last = [script.does(0, policy('all'), [...last, ...script.entries.slice(255, 256)])];
  expect(timed(script).people.has(stage.member(2))).toBe(true);
});

it('by 256 operations beside each other, each naming something else', () => {
  const script = new Script(stage);
  for (let i = 0; i < 256; i++) script.does(1, add([6]), i < 2 ? [] : script.entries.slice(i - 2, i - 1));
  timed(script);
});

it('by 256 proofs of forks', () => {
  const script = new Script(stage);
  const proof = script.forkOf(1);
  chain(script, 2, () => proof);
  timed(script);
});

it('by circles of removals between their own devices', () => {
  const script = new Script(stage);
  chain(script, [2, 0], () => remove([], [[2, 1]]), 128);
  chain(script, [2, 1], () => remove([], [[2, 0]]), 128);
  timed(script);
});

it('by a thousand more than count', () => {
  const script = new Script(stage);
  chain(script, 2, () => remove([]), 1200);
  timed(script);
});

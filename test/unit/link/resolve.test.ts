/** Names with a resolver that answers late, wrongly or never. */
import { expect, it } from 'vitest';
import { makeResolver } from '../../../src/link/resolve.ts';
import { LinkWorld } from '../../kit/linkWorld.ts';

function resolver() {
  const world = new LinkWorld();
  const asked: { readonly name: string; readonly done: (addresses: readonly string[]) => void }[] = [];
  const resolve = makeResolver(
    (name, done) => void asked.push({ name, done }),
    (ms, fire) => world.setTimer(ms, fire),
  );
  const answers: (readonly string[])[] = [];
  const ask = (name = 'relay.example') => resolve(name, (addresses) => answers.push(addresses));
  const answer = (...addresses: readonly string[]) => asked.shift()?.done(addresses);
  return { world, asked, answers, ask, answer };
}

it('asks once for all who want the same name at the same time', () => {
  const { asked, answers, ask, answer, world } = resolver();
  ask();
  ask();
  ask('other.example');
  expect(asked.map(({ name }) => name)).toEqual(['relay.example', 'other.example']);
  answer('192.0.2.1');
  expect(answers).toEqual([['192.0.2.1'], ['192.0.2.1']]);
  answer();
  expect([answers[2], world.timers.size]).toEqual([[], 0]);
  ask();
  expect(asked).toHaveLength(1);
});

it('gives what it knew when DNS is dead or does not answer, and each gets one answer', () => {
  const { answers, ask, answer, world } = resolver();
  ask();
  answer('192.0.2.1');
  ask();
  answer();
  expect(answers).toEqual([['192.0.2.1'], ['192.0.2.1']]);
  ask();
  world.pass(999);
  expect(answers).toHaveLength(2);
  world.pass(1);
  expect(answers).toHaveLength(3);
  answer('192.0.2.2');
  expect(answers).toHaveLength(3);
  ask();
  world.pass(1000);
  expect(answers[3]).toEqual(['192.0.2.2']);
});

it('knows nothing of a name that never had an answer, however long it takes', () => {
  const { answers, ask, answer, world } = resolver();
  ask();
  world.pass(60_000);
  expect(answers).toEqual([]);
  answer('192.0.2.1');
  expect(answers).toEqual([['192.0.2.1']]);
});

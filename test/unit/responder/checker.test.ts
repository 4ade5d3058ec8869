/** The thread that checks signatures: it takes what `passes` takes and nothing else, each answer at its place. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Check, makeCheck } from '../../../src/core/check.ts';
import { makeSignKey, sign } from '../../../src/core/key.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { passes } from '../../../src/core/verify.ts';
import { type Checker, makeChecker } from '../../../src/responder/checker.ts';
import { fromHex } from '../../../src/wire/bytes.ts';
import { seeded } from '../../kit/random.ts';
import { ed25519Wycheproof, speccheck } from '../../vector/published.ts';

beforeAll(loadSodium);

let checker: Checker | undefined;
afterEach(() => checker?.end());

function begin(): Checker {
  checker = makeChecker(() => undefined);
  return checker;
}
const ask = (by: Checker, checks: readonly Check[]): Promise<readonly number[]> =>
  new Promise((done) => by.check(checks, (verdicts) => done([...verdicts])));
const asNumbers = (checks: readonly Check[]) => checks.map((check) => (passes(check) ? 1 : 0));

describe('the thread that checks signatures', () => {
  it('says of every published signature what this thread says of it, the disputed ones and those of a wrong size', async () => {
    const checks = [
      ...speccheck.vectors.map((each) => ({ ...each, publicKey: each.public })),
      ...ed25519Wycheproof.groups.flatMap((group) => group.tests.map((each) => ({ ...each, publicKey: group.public }))),
    ].map(({ publicKey, signature, message }) => ({
      publicKey: fromHex(publicKey),
      signature: fromHex(signature),
      text: fromHex(message),
    }));
    const verdicts = await ask(begin(), checks);
    expect(verdicts).toEqual(asNumbers(checks));
    expect(new Set(verdicts)).toEqual(new Set([0, 1]));
  });

  it('gives each answer to what was asked, wherever the bad ones are', async () => {
    const random = seeded(1);
    const keys = [makeSignKey(random), makeSignKey(random)];
    const signed = Array.from({ length: 60 }, (_, i) => {
      const key = keys[i % 2] ?? makeSignKey(random);
      const text = random(100 + i);
      return makeCheck(key.publicKey, sign(key, 'entry', text), 'entry', text);
    });
    const swapped = (i: number, part: keyof Check): Check =>
      ({ ...signed[i], [part]: signed[(i + 1) % signed.length]?.[part] }) as Check;
    const checks = signed.map((check, i) =>
      i % 7 === 3 ? swapped(i, (['publicKey', 'signature', 'text'] as const)[(i - 3) % 3] ?? 'text') : check,
    );
    const by = begin();
    const [first, second] = await Promise.all([ask(by, checks.slice(0, 40)), ask(by, checks.slice(40))]);
    expect([...first, ...second]).toEqual(checks.map((_, i) => (i % 7 === 3 ? 0 : 1)));
  });

  it('takes nothing along that lies around what is asked', async () => {
    const random = seeded(2);
    const key = makeSignKey(random);
    const text = random(50);
    const {
      publicKey,
      signature,
      text: signedText,
    } = makeCheck(key.publicKey, sign(key, 'entry', text), 'entry', text);
    const around = new Uint8Array(1000);
    const view = (bytes: Uint8Array, at: number) => {
      around.set(bytes, at);
      return around.subarray(at, at + bytes.length);
    };
    const check = { publicKey: view(publicKey, 100), signature: view(signature, 200), text: view(signedText, 300) };
    expect(await ask(begin(), [check])).toEqual([1]);
    expect(around.length).toBe(1000); // not handed over with it
  });

  it('leaves out what is not needed any more, and goes on with what is', async () => {
    const random = seeded(3);
    const key = makeSignKey(random);
    const text = random(50);
    const check = makeCheck(key.publicKey, sign(key, 'entry', text), 'entry', text);
    const by = begin();
    const answers: Promise<readonly number[]>[] = [];
    const jobs: number[] = [];
    for (let i = 0; i < 3; i++)
      answers.push(
        new Promise((done) => {
          jobs.push(by.check([check, check], (verdicts) => done([...verdicts])));
        }),
      );
    by.skip(jobs[1] ?? 0);
    expect(await Promise.all(answers)).toEqual([[], [], [1, 1]]);
  });
});

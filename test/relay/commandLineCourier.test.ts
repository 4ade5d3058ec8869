/** Messages carried on a stick, through the command line alone: two devices and no relay that runs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dirOf, foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { makeTerminal } from '../kit/terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-courier-'));
const muster = makeTerminal(dir);
const everybody = ['ada', 'bela'] as const;
const alone = ['--wait', '0'] as const;
const [ada, bela] = [
  [...dirOf('ada'), ...alone],
  [...dirOf('bela'), ...alone],
];
const patienceMs = 120_000;

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run(...args);
  expect([code, err]).toEqual([0, expect.stringMatching(/^$|^With a threshold of 1/)]);
  return out;
}
const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse(await ok(...args, '--json')) as T;

interface Taken {
  readonly whole: boolean;
  readonly envelopes: number;
  readonly entries: number;
}

/** Written and kept: no relay is there, and the command says so. */
async function say(text: string, who: readonly string[]): Promise<void> {
  expect((await muster.run('room', 'send', 'Everyone', text, ...who)).code).toBe(3);
}

async function texts(who: readonly string[]): Promise<readonly string[]> {
  const { code, out } = await muster.run('room', 'read', 'Everyone', ...who, '--json');
  expect(code).toBe(3);
  const { messages } = JSON.parse(out.split('\n').at(-1) ?? '') as { messages: { kind: string; text: string }[] };
  return messages.filter(({ kind }) => kind === 'text').map((each) => each.text);
}

const sizeOf = (file: string): number => readFileSync(join(dir, file)).length;

beforeAll(async () => {
  await foundByHand(ok, dir, everybody);
  await issueByHand(ok, dir, everybody, []);
}, patienceMs);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test(
  'two devices talk through files, both ways',
  async () => {
    await say('First, by hand', ada);
    expect(await ok('courier', 'out', 'one.courier', ...ada)).toContain('muster courier in one.courier');
    const first = await json<Taken>('courier', 'in', 'one.courier', ...bela);
    expect(first).toMatchObject({ whole: true });
    expect(first.entries).toBeGreaterThan(0);
    expect(await texts(bela)).toEqual(['First, by hand']);
    expect(await json('courier', 'in', 'one.courier', ...bela)).toMatchObject({ whole: true, entries: 0 });

    await say('And back', bela);
    await ok('courier', 'have', 'ada.have', ...ada);
    const swapped = await muster.run('courier', 'in', 'ada.have', ...bela);
    expect([swapped.code, swapped.out]).toEqual([2, '']);
    expect(swapped.err).toContain('ada.have brings nothing');
    expect(swapped.err).toContain('muster courier out FILE --have ada.have');
    await ok('courier', 'out', 'all.courier', ...bela);
    await ok('courier', 'out', 'back.courier', '--have', 'ada.have', ...bela);
    expect(sizeOf('back.courier')).toBeLessThan(sizeOf('all.courier'));
    await ok('courier', 'in', 'back.courier', ...ada);
    expect(await texts(ada)).toEqual(['First, by hand', 'And back']);
  },
  patienceMs,
);

test(
  'a file has no name, no text and no key of anybody in it',
  () => {
    const file = readFileSync(join(dir, 'all.courier'));
    for (const word of ['ada', 'Ada', 'bela', 'First', 'And back', 'Everyone'])
      expect(file.includes(Buffer.from(word))).toBe(false);
  },
  patienceMs,
);

test(
  'what was cut off is taken in up to there and said to be cut off; what is no such file changes nothing',
  async () => {
    await say('In a file that breaks', ada);
    await ok('courier', 'out', 'whole.courier', ...ada);
    const whole = readFileSync(join(dir, 'whole.courier'));
    writeFileSync(join(dir, 'cut.courier'), whole.subarray(0, whole.length - 1));
    const cut = await muster.run('courier', 'in', 'cut.courier', ...bela);
    expect(cut.code).toBe(1);
    expect(cut.err).toContain('it was cut off. What came before that was taken in and kept.');
    expect(await texts(bela)).toContain('In a file that breaks');
    const garbage = await muster.run('courier', 'in', 'pw', ...bela);
    expect(garbage.code).toBe(1);
    expect(garbage.err).toContain('Nothing was changed');
    expect((await muster.run('courier', 'out', 'x.courier', '--have', 'whole.courier', ...ada)).code).toBe(1);
    expect((await muster.run('courier', 'in', 'nothing.courier', ...bela)).code).toBe(2);
    // Never over something, and nothing half beside it.
    expect((await muster.run('courier', 'out', 'whole.courier', ...ada)).code).toBe(2);
    expect((await muster.run('courier', 'out', 'nowhere/x.courier', ...ada)).code).toBe(2);
    expect(existsSync(join(dir, 'x.courier')) || existsSync(join(dir, 'whole.courier.new'))).toBe(false);
  },
  patienceMs,
);

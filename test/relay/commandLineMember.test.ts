/** Who is in a room, and who has whose right keys, through the command line alone: three devices, one real relay. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dirOf, foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { makeTerminal, type Ran } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-member-'));
const muster = makeTerminal(dir);
const everybody = ['ada', 'bela', 'cleo'] as const;
const [ada, bela, cleo] = [dirOf('ada'), dirOf('bela'), dirOf('cleo')];
const room = 'Incident 7';
const patienceMs = 60_000;

let relay: { readonly out: () => string; interrupt(): Promise<Ran> } | undefined;

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run(...args);
  expect([code, err]).toEqual([0, expect.stringMatching(/^$|^With a threshold of 1/)]);
  return out;
}
const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse(await ok(...args, '--json')) as T;

interface Members {
  readonly members: readonly {
    readonly name: string;
    readonly role: string;
    readonly devices: readonly { readonly name: string; readonly isIn: boolean }[];
  }[];
  readonly policy: object;
  readonly contested: readonly string[];
  readonly forked: readonly object[];
}
interface Comparison {
  readonly words: readonly string[];
  readonly code: string;
  readonly compared?: { readonly how: string };
}

const read = async (who: readonly string[]): Promise<readonly string[]> => {
  const { messages } = await json<{ messages: readonly { kind: string; text: string }[] }>(
    'room',
    'read',
    room,
    ...who,
  );
  return messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);
};

beforeAll(async () => {
  const { fingerprint } = await foundByHand(ok, dir, everybody);
  await issueByHand(ok, dir, everybody, []);
  const started = muster.start('relay', 'start', '--data', 'r', '--org', fingerprint, '--admission', 'list.admission');
  relay = started;
  await until(() => started.out().includes('Relay listens'), 'the relay listens');
  await ok('room', 'create', '--title', room, '--member', 'bela', 'cleo', ...ada);
}, patienceMs);

afterAll(async () => {
  await relay?.interrupt();
  rmSync(dir, { recursive: true, force: true });
});

test(
  'who is put out cannot read what comes after, and reads on once they are let in again',
  async () => {
    await ok('room', 'send', room, 'All three read this.', ...ada);
    expect(await read(cleo)).toEqual(['All three read this.']);
    const notTheirs = await muster.run('room', 'remove', room, '--member', 'bela', ...cleo);
    expect([notTheirs.code, notTheirs.err]).toEqual([2, expect.stringContaining('You may not do this in this room')]);

    const said = await ok('room', 'remove', room, '--member', 'cleo', ...ada);
    expect(said).toBe(
      'Out of Incident 7: Cleo Diallo. What you write from now on they cannot read, nor what others write who have got this. What they have, they keep. (on 1 of 1 relay, on disk)',
    );
    await ok('room', 'send', room, 'Cleo must not read this.', ...ada);
    expect(await read(bela)).toEqual(['All three read this.', 'Cleo must not read this.']);
    expect(await read(cleo)).toEqual(['All three read this.']);
    expect(await ok('room', 'members', room, ...cleo)).toContain('You are not in this room any more.');
    const shut = await muster.run('room', 'send', room, 'Let me in', ...cleo);
    expect([shut.code, shut.err]).toEqual([2, expect.stringContaining('You are not in this room any more')]);

    // An officer may, too. New keys first: who is let in is given those of the last quarter of an hour.
    await ok('room', 'heal', room, ...bela);
    await ok('room', 'add', room, '--member', 'cleo', ...bela);
    await ok('room', 'send', room, 'Welcome back.', ...bela);
    expect(await read(cleo)).toEqual(['All three read this.', 'Welcome back.']);
  },
  2 * patienceMs,
);

test(
  'a role, a policy, a device alone and new keys, as everybody in the room sees them',
  async () => {
    await ok('room', 'role', room, '--member', 'cleo', '--role', 'observer', ...ada);
    expect(await ok('room', 'policy', room, '--horizon', 'high', ...ada)).toContain(
      'who comes later reads from then on, keys are kept for an hour',
    );
    // What is not given stays.
    await ok('room', 'policy', room, '--history', 'all', ...ada);
    await ok('room', 'remove', room, '--device', 'cleo-1', ...bela);
    expect(await json('room', 'heal', room, ...bela)).toMatchObject({ sent: true, relays: 1 });
    const seen = await json<Members>('room', 'members', room, ...ada);
    expect(seen.policy).toEqual({ history: 'all', horizon: 'high' });
    expect(seen.members.map(({ name, role, devices }) => [name, role, devices.map(({ isIn }) => isIn)])).toEqual(
      expect.arrayContaining([
        ['Ada Brandt', 'commander', [true]],
        ['Béla Szabó', 'officer', [true]],
        ['Cleo Diallo', 'observer', [false]],
      ]),
    );
    expect([seen.contested, seen.forked]).toEqual([[], []]);
    expect(await ok('room', 'members', room, ...ada)).toMatch(/Cleo Diallo +observer +cleo-1 \(out\)/);
  },
  2 * patienceMs,
);

test(
  'both sides of a comparison see the same, a third pair another, and the outcome is recorded until it is taken back',
  async () => {
    const mine = await json<Comparison>('member', 'compare', 'bela', ...ada);
    const theirs = await json<Comparison>('member', 'compare', 'ada', ...bela);
    const other = await json<Comparison>('member', 'compare', 'cleo', ...ada);
    expect(mine.words).toHaveLength(8);
    expect([theirs.words, theirs.code]).toEqual([mine.words, mine.code]);
    expect(other.words).not.toEqual(mine.words);
    expect(mine.compared).toBeUndefined();
    const told = await ok('member', 'compare', 'bela', ...ada);
    expect(told).toContain(mine.words.join(' '));
    expect(told).toContain('muster member compare "Béla Szabó" --dir ada --confirm words');

    const wrong = await muster.run('member', 'compare', 'bela', '--code', other.code, ...ada);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Do not talk here; call a custodian')]);
    const none = await muster.run('member', 'compare', 'bela', '--code', 'https://example.org', ...ada);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('not a Muster code')]);
    const self = await muster.run('member', 'compare', 'ada', ...ada);
    expect([self.code, self.err]).toEqual([2, expect.stringContaining('nobody else')]);
    expect((await json<Comparison>('member', 'compare', 'bela', ...ada)).compared).toBeUndefined();

    expect(await ok('member', 'compare', 'bela', '--code', ` ${theirs.code}\n`, ...ada)).toBe(
      'Keys compared with Béla Szabó, by code: on 1 of 1 relay, on disk.',
    );
    expect((await json<Comparison>('member', 'compare', 'bela', ...ada)).compared).toMatchObject({ how: 'code' });
    await ok('member', 'compare', 'ada', '--confirm', 'words', ...bela);
    expect(await ok('member', 'compare', 'ada', ...bela)).toContain('compared  by words, ');
    await ok('member', 'compare', 'bela', '--withdraw', ...ada);
    expect((await json<Comparison>('member', 'compare', 'bela', ...ada)).compared).toBeUndefined();
    // Everybody is told.
    const { messages } = await json<{ messages: readonly { text: string }[] }>('room', 'read', 'Everyone', ...cleo);
    expect(messages.map(({ text }) => text)).toContain('Ada Brandt takes back having compared keys with Béla Szabó.');
  },
  2 * patienceMs,
);

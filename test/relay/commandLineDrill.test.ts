/** A whole drill through the command line alone: answered, closed, reported, exported and checked by an outsider. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dirOf, foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { makeTerminal, type Ran } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-drill-'));
const muster = makeTerminal(dir);
const both = ['ada', 'bela'] as const;
const [ada, bela] = [dirOf('ada'), dirOf('bela')];
/** Enough to issue and install before it, and to answer within it, on a machine that is busy. */
const beginsInMs = 5_000;
const lastsSeconds = 12;
const patienceMs = 45_000;

let org = '';
let words = '';
let relay: { readonly out: () => string; interrupt(): Promise<Ran> } | undefined;

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run(...args);
  expect([code, err]).toEqual([0, expect.any(String)]);
  return out;
}

/** Runs a reading command again and again until what it prints is what is waited for. Each run takes its time. */
async function repeat(isThere: (out: string) => boolean, ...args: readonly string[]): Promise<string> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const out = await ok(...args);
    if (isThere(out)) return out;
    if (Date.now() > endMs) throw new Error(`muster ${args.join(' ')} went on saying: ${out}`);
  }
}

beforeAll(async () => {
  const founded = await foundByHand(ok, dir, both);
  org = founded.fingerprint;
  words = / in words {3}(.*)$/m.exec(await ok('org', 'show', 'org.genesis'))?.[1] ?? '';
  const atMs = Date.now() + beginsInMs;
  const drill = {
    title: 'Roll call',
    announced: false,
    from: new Date(atMs).toISOString(),
    to: new Date(atMs).toISOString(),
    coordinators: ['ada'],
    openWithinSeconds: lastsSeconds,
    answerWithinSeconds: lastsSeconds,
    escalateAfterSeconds: 1,
    closeAfterSeconds: lastsSeconds,
    answeredPercent: 50,
  };
  const { drafted, signed } = await issueByHand(ok, dir, both, [drill]);
  const pin = / pin in words {3}(.*)$/m.exec(founded.relay)?.[1] ?? 'no words';
  expect(drafted).toContain(pin);
  expect(signed).toContain(pin);
  // What goes to relays names nobody.
  expect(readFileSync(join(dir, 'list.muster'), 'latin1')).toContain('+49 151 1');
  expect(readFileSync(join(dir, 'list.admission'), 'latin1')).not.toMatch(/\+49|Brandt|example\.org/);
  const started = muster.start('relay', 'start', '--data', 'r', '--org', org, '--admission', 'list.admission');
  relay = started;
  await until(() => started.out().includes('Relay listens'), 'the relay listens');
}, patienceMs);

afterAll(async () => {
  await relay?.interrupt();
  rmSync(dir, { recursive: true, force: true });
});

test(
  'a drill is opened by the coordinator’s device, answered on another, with a deputy who steps in',
  async () => {
    await repeat((out) => out.includes('(running)'), 'drill', 'show', ...ada);
    const seen = await repeat((out) => out.includes('step in for'), 'drill', 'show', ...bela);
    expect(seen).toContain('Answer it: muster drill answer there --dir bela');
    expect((await muster.run('report', 'show', ...bela)).err).toContain('closes it when its time is over');
    expect(await ok('drill', 'answer', 'need-help', ...bela)).toBe(
      'EXERCISE  Answered "need help": on 1 of 1 relay, on disk.',
    );
    expect(await ok('drill', 'answer', 'there', '--for', 'ada', ...bela)).toContain('for Ada Brandt: on 1 of 1 relay');
    // A room that somebody only opened a drill in names nobody as "undefined".
    expect(await ok('room', 'list', ...bela)).not.toContain('undefined');
  },
  2 * patienceMs,
);

test(
  'its report says who answered, and the pack is sound for whoever has the fingerprint',
  async () => {
    expect(await repeat((out) => out.includes(' closed'), 'report', 'list', ...ada)).toContain('Roll call');
    const shown = await ok('report', 'show', ...ada);
    expect(shown).toMatch(/P0\d {2}Béla Szabó {2}answered +need-help/);
    expect(shown).toMatch(/P0\d {2}Ada Brandt +silent .*Béla Szabó, after/);
    const json = JSON.parse(await ok('report', 'show', '--json', ...ada)) as { figures: object };
    expect(json.figures).toMatchObject({ members: 2, reached: 2, acknowledged: 1, stoodInFor: 1, needHelp: 1 });

    await repeat((out) => out.includes(' closed'), 'report', 'list', ...bela);
    const notTheirs = await muster.run('report', 'export', '--out', 'theirs', ...bela);
    expect([notTheirs.code, notTheirs.err]).toEqual([2, expect.stringContaining('Only a coordinator')]);
    const exported = await ok('report', 'export', '--out', 'pack', ...ada);
    expect(exported).toContain(`muster verify pack --org ${org}`);
    expect(exported).toContain(words);
    const signer = / signer +(SHA256:\S+)$/m.exec(exported)?.[1] ?? 'none';
    expect(readFileSync(join(dir, 'pack/keys/fingerprints.txt'), 'utf8')).toContain(signer);

    expect(await ok('verify', 'pack')).toContain('OUTSIDE the pack');
    expect(await ok('verify', 'pack', '--org', org)).toContain('That is the fingerprint you gave.');
    expect(await ok('verify', 'pack', '--org', words)).toContain('That is the fingerprint you gave.');
    const stranger = await muster.run('verify', 'pack', '--org', '0'.repeat(64), '--json');
    expect([stranger.code, JSON.parse(stranger.out)]).toEqual([1, expect.objectContaining({ ok: false })]);

    cpSync(join(dir, 'pack'), join(dir, 'damaged'), { recursive: true });
    appendFileSync(join(dir, 'damaged/report.json'), ' ');
    const damaged = await muster.run('verify', 'damaged', '--org', org);
    expect([damaged.code, damaged.out]).toEqual([1, expect.stringMatching(/NOT what it claims[\s\S]*report\.json/)]);
  },
  2 * patienceMs,
);

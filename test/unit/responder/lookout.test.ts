/** What relays say while signatures are checked elsewhere: kept in order, bounded, and never held for good. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../../src/core/check.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { passes } from '../../../src/core/verify.ts';
import type { Looked } from '../../../src/engine/ahead.ts';
import type { State } from '../../../src/engine/state.ts';
import type { MakeChecker } from '../../../src/responder/checker.ts';
import { Lookout, type RelayEvent } from '../../../src/responder/lookout.ts';
import type { Bytes } from '../../../src/wire/bytes.ts';
import { type RelayId, relayId } from '../../../src/wire/id.ts';
import { LinkWorld } from '../../kit/linkWorld.ts';
import { everyone, write } from '../../kit/rogue.ts';
import { World } from '../../kit/world.ts';

beforeAll(loadSodium);

const relay = (n: number): RelayId => relayId.of(new Uint8Array(32).fill(n));
type Deliver = Extract<Extract<RelayEvent, { type: 'frame' }>['frame'], { type: 'deliver' }>;

/** A device that lacks twenty texts, and two frames with ten of them each. */
function backlog(): { readonly state: State; readonly nowMs: number; readonly frames: readonly Deliver[] } {
  const world = new World(5, { members: 2, relays: 1 });
  world.startAll();
  world.run(4_000);
  world.crash(1);
  for (let i = 0; i < 20; i++) write(world, 0, `${i}`);
  world.run(1_000);
  const items: Deliver['items'][number][] = [];
  let before: State | undefined;
  const { topic } = everyone(world);
  world.onStep = (device, state, event) => {
    if (device !== world.device(1) || event.type !== 'frame' || event.frame.type !== 'deliver') return;
    if (event.frame.topic !== topic) return;
    before ??= state;
    items.push(...event.frame.items);
  };
  world.start(1);
  world.run(4_000);
  if (before === undefined || items.length !== 20) throw new Error('they come when it is opened');
  const frames = [items.slice(0, 10), items.slice(10)].map((part) => ({
    type: 'deliver' as const,
    topic,
    items: part,
  }));
  return { state: before, nowMs: world.nowMs, frames };
}

let given: ReturnType<typeof backlog>;
beforeAll(() => {
  given = backlog();
});

/** A lookout whose thread is in the test's hands. */
function begin() {
  const clock = new LinkWorld();
  const threads: { readonly asked: { checks: readonly Check[]; answer(verdicts: Bytes): void }[]; end: () => void }[] =
    [];
  const facts = { ended: 0 };
  const checker: MakeChecker = (end) => {
    const asked: (typeof threads)[number]['asked'] = [];
    threads.push({ asked, end });
    return {
      check: (checks, answer) => asked.push({ checks, answer }),
      skip: () => undefined,
      end: () => {
        facts.ended += 1;
      },
    };
  };
  const released: { readonly event: RelayEvent; readonly ahead: Looked }[] = [];
  const lookout = new Lookout(
    { checker, now: () => given.nowMs, setTimer: (ms, fire) => clock.setTimer(ms, fire) },
    { state: () => given.state, release: (event, ahead) => released.push({ event, ahead }) },
  );
  const frame = (by: number, i: number): RelayEvent => {
    const each = given.frames[i];
    if (each === undefined) throw new Error('there are two');
    return { type: 'frame', relay: relay(by), frame: each };
  };
  const down = (by: number): RelayEvent => ({ type: 'link-down', relay: relay(by), text: 'gone' });
  const take = (...events: readonly RelayEvent[]) => {
    for (const event of events) lookout.take(event);
  };
  const answer = (thread = 0) => {
    const next = threads[thread]?.asked.shift();
    next?.answer(Uint8Array.from(next.checks, (check) => (passes(check) ? 1 : 0)));
  };
  const names = () => released.map(({ event }) => `${event.relay.slice(0, 2)} ${event.type}`);
  const passedIn = (i: number) =>
    [...(released[i]?.ahead.values() ?? [])].filter(({ passed }) => passed !== undefined).length;
  return { clock, threads, facts, lookout, released, frame, down, take, answer, names, passedIn };
}

describe('what is held while signatures are checked', () => {
  it('goes in the order in which its relay said it, and holds up no other', () => {
    const { frame, down, take, answer, names, passedIn } = begin();
    take(frame(1, 0), frame(1, 1), down(1), down(2));
    expect(names()).toEqual(['02 link-down']);
    answer();
    expect(names()).toEqual(['02 link-down', '01 frame']);
    expect(passedIn(1)).toBe(10);
    answer();
    expect(names()).toEqual(['02 link-down', '01 frame', '01 frame', '01 link-down']);
  });

  it('goes in that order also where the later one is answered first', () => {
    const { frame, take, threads, released } = begin();
    take(frame(1, 0), frame(1, 1));
    const [first, second] = threads[0]?.asked ?? [];
    second?.answer(new Uint8Array(10).fill(1));
    expect(released).toEqual([]);
    first?.answer(new Uint8Array(10).fill(1));
    expect(released.map(({ event }) => event)).toEqual([frame(1, 0), frame(1, 1)]);
  });

  it('is asked for once, whichever relays bring it', () => {
    const { frame, take, answer, threads, names, passedIn } = begin();
    take(frame(1, 0), frame(2, 0), frame(3, 0));
    expect(threads[0]?.asked).toHaveLength(1);
    answer();
    expect(names()).toEqual(['01 frame', '02 frame', '03 frame']);
    expect([0, 1, 2].map(passedIn)).toEqual([10, 10, 10]);
  });

  it('is told of nothing that did not pass, nor of what was not answered', () => {
    const { frame, take, threads, passedIn } = begin();
    take(frame(1, 0), frame(1, 1));
    const [first, second] = threads[0]?.asked ?? [];
    first?.answer(Uint8Array.from([1, 0, 2, 255, 1]));
    second?.answer(new Uint8Array());
    expect(passedIn(0)).toBe(2);
    expect(passedIn(1)).toBe(0);
  });

  it('goes as it is when no answer comes in time', () => {
    const { clock, frame, down, take, names, passedIn } = begin();
    take(frame(1, 0), down(1));
    clock.pass(900);
    expect(names()).toEqual([]);
    clock.pass(200);
    expect(names()).toEqual(['01 frame', '01 link-down']);
    expect(passedIn(0)).toBe(0);
  });

  it('goes as it is when the thread dies, and nothing is held from then on', () => {
    const { frame, down, take, threads, names } = begin();
    take(frame(1, 0), down(1), frame(2, 1));
    threads[0]?.end();
    expect(names()).toEqual(['01 frame', '01 link-down', '02 frame']);
    take(frame(3, 0));
    expect(names()).toHaveLength(4);
    expect(threads).toHaveLength(1);
  });

  it('is bounded: beyond that the oldest goes', () => {
    const { frame, down, take, released } = begin();
    take(frame(1, 0), ...Array.from({ length: 255 }, () => down(1)));
    expect(released).toEqual([]);
    take(down(1));
    expect(released).toHaveLength(257);
  });

  it('of a relay that has to say it again is dropped, but for that its link is down', () => {
    const { lookout, frame, down, take, answer, names } = begin();
    take(frame(1, 0), down(1), frame(1, 1), frame(2, 1));
    lookout.drop(relay(1));
    answer();
    expect(names()).toEqual(['01 link-down']);
    answer();
    expect(names()).toEqual(['01 link-down', '02 frame']);
  });

  it('costs no thread while nothing comes, and none after it was closed', () => {
    const { clock, threads, facts, lookout, frame, take, answer } = begin();
    expect(threads).toHaveLength(0);
    take(frame(1, 0));
    answer();
    clock.pass(9_000);
    expect(facts.ended).toBe(0);
    clock.pass(2_000);
    expect(facts.ended).toBe(1);
    take(frame(1, 0));
    expect(threads).toHaveLength(2);
    lookout.close();
    expect(facts.ended).toBe(2);
    clock.pass(60_000);
    expect(facts.ended).toBe(2);
  });
});

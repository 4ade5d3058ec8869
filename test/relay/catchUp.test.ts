/** A device that was away catches up, with signatures checked in a second thread, without one, and broken off anywhere. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../src/core/body.ts';
import { reopenEntry } from '../../src/core/entry.ts';
import { type MakeChecker, makeChecker } from '../../src/responder/checker.ts';
import { openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { Broken } from '../../src/wire/fault.ts';
import { isLetIn, Live, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';

const count = 600;
let live: Live;
const opened: Responder[] = [];

beforeAll(async () => {
  live = await Live.found({ members: 5, relays: 2 });
  await live.startRelays();
  const writer = await live.open(0);
  // Once each, so that they are let in and have only what comes now to catch up on.
  for (const i of [1, 2, 3, 4]) {
    const device = await open(i);
    await isLetIn(device);
    device.close();
  }
  await reaches(writer, 2);
  const texts = Array.from({ length: count }, (_, i) => `text ${i}`);
  await Promise.all(texts.map((text) => writer.command({ type: 'send-text', room: live.everyone, text })));
  await until(() => writer.state.outbox.size === 0, 'both relays have all', 20_000);
  writer.close();
}, 90_000);
afterAll(() => live.end());
afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

/** A member's device, with this thread. */
async function open(i: number, checker?: MakeChecker): Promise<Responder> {
  const { dir, passphrase } = live.device(i);
  const { checker: _, ...ports } = nodePorts(() => undefined);
  const list = hasList.has(i) ? undefined : live.bundle;
  hasList.add(i);
  const device = await openDevice(dir, passphrase, checker === undefined ? ports : { ...ports, checker }, list);
  opened.push(device);
  return device;
}
const hasList = new Set<number>();

/** The real thread, counting how many signatures it found to hold. Dies after so many answers, as far as anyone can see. */
function counted(diesAfter = Number.POSITIVE_INFINITY) {
  const facts = { passed: 0, answers: 0 };
  const checker: MakeChecker = (onEnd) => {
    const real = makeChecker(onEnd);
    return {
      ...real,
      check: (checks, answer) =>
        real.check(checks, (verdicts) => {
          facts.answers += 1;
          if (facts.answers > diesAfter) return;
          facts.passed += verdicts.filter((each) => each === 1).length;
          answer(verdicts);
          if (facts.answers < diesAfter) return;
          real.end();
          onEnd();
        }),
    };
  };
  return { facts, checker };
}

const textsOf = (device: Responder): readonly string[] =>
  device.vault.entriesOf(live.everyone).flatMap((bytes) => {
    const body = readBody(reopenEntry(bytes, live.everyone).body);
    return body?.type === 'text' ? [body.text] : [];
  });
const all = Array.from({ length: count }, (_, i) => `text ${i}`);
const isCaughtUp = (device: Responder) =>
  until(() => textsOf(device).length >= count, 'it has caught up', 20_000).then(() => textsOf(device));

describe('a device that was away', () => {
  it('has all of it, once and in order, and each signature was checked once though two relays bring it', async () => {
    const { facts, checker } = counted();
    const device = await open(1, checker);
    expect(await isCaughtUp(device)).toEqual(all);
    await reaches(device, 2);
    await until(() => facts.answers > 0, 'the thread was asked', 20_000);
    expect(facts.passed).toBeLessThan(count + 100);
  });

  it('has it also when the thread dies in the middle', async () => {
    const { facts, checker } = counted(2);
    const device = await open(2, checker);
    expect(await isCaughtUp(device)).toEqual(all);
    await until(() => facts.answers >= 2, 'it had begun', 20_000);
  });

  it('has it also when it was broken off again and again with frames held', async () => {
    for (let round = 0; round < 4; round++) {
      const { facts, checker } = counted();
      const device = await open(3, checker);
      const had = textsOf(device).length;
      await until(() => facts.answers > round || textsOf(device).length >= count, 'something was checked', 20_000);
      const has = textsOf(device).length;
      expect(textsOf(device)).toEqual(all.slice(0, has));
      expect(has).toBeGreaterThanOrEqual(had);
      device.close();
    }
    expect(await isCaughtUp(await open(3))).toEqual(all);
  });

  it('has it also when the disk refused a frame while the next was held: that one is not what it goes on with', async () => {
    await live.killRelay(1);
    const facts = { isRefused: false, asked: 0 };
    const later: (() => void)[] = [];
    const checker: MakeChecker = (onEnd) => {
      const real = makeChecker(onEnd);
      return {
        ...real,
        check: (checks, answer) => {
          facts.asked += checks.length;
          // The first frame has 512; what comes after it is answered once that one was refused.
          const isLater = facts.asked > 512 && !facts.isRefused;
          return real.check(checks, (verdicts) => {
            if (isLater && !facts.isRefused) later.push(() => answer(verdicts));
            else answer(verdicts);
          });
        },
      };
    };
    const device = await open(4, checker);
    const { vault } = device;
    const apply = vault.apply.bind(vault);
    vault.apply = (rows) => {
      if (!facts.isRefused && rows.filter(({ type }) => type === 'entry').length > 8) {
        facts.isRefused = true;
        setImmediate(() => {
          for (const answer of later) answer();
        });
        throw new Broken('io', 'the disk is full');
      }
      apply(rows);
    };
    expect(await isCaughtUp(device)).toEqual(all);
    expect(facts.isRefused).toBe(true);
  });
});

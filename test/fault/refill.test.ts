/** Real relays whose stores are wiped, all at once: the devices bring them back what was there. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { Live, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';

let live: Live;
beforeEach(async () => {
  live = await Live.found({ members: 3, relays: 2 });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

const messagesOf = (device: Responder) =>
  viewRoom(device, live.everyone, undefined, 100).messages.filter(({ kind }) => kind === 'text');
const texts = (device: Responder): readonly string[] => messagesOf(device).map(({ text }) => text);
const say = (device: Responder, text: string) => device.command({ type: 'send-text', room: live.everyone, text });
const hasAll = (device: Responder, ...all: readonly string[]) =>
  until(() => all.every((text) => texts(device).includes(text)), `${all.join(', ')} came`, 60_000);

/** Nothing is left but what makes it the same relay. */
function wipe(dir: string): void {
  for (const name of readdirSync(dir)) if (name.startsWith('relay.db')) rmSync(join(dir, name), { recursive: true });
}

it('a device that was off while all relays lost everything gets it from them all the same, and nobody else is there', async () => {
  const [ada, bela] = [await live.open(0), await live.open(1)];
  for (const device of [ada, bela]) await reaches(device, 2);
  for (const n of [1, 2, 3]) await say(ada, `ada ${n}`);
  await say(bela, 'bela');
  const all = ['ada 1', 'ada 2', 'ada 3', 'bela'];
  await hasAll(bela, ...all);
  const isWhole = () => messagesOf(ada).every(({ own, relays }) => !own || relays === 2);
  await until(isWhole, 'both relays have it', 30_000);

  for (const i of live.relays.keys()) await live.killRelay(i);
  for (const { dir } of live.relays) wipe(dir);
  await live.startRelays();
  for (const device of [ada, bela]) await reaches(device, 2);
  // Nothing is said to be there until it is.
  await until(isWhole, 'both relays have it again', 60_000);
  await until(
    () =>
      [ada, bela].every(({ state }) =>
        [...state.relays.values()].every(({ refill }) => refill.atMs === undefined && refill.ref === undefined),
      ),
    'nobody has anything left to bring',
    60_000,
  );
  await live.closeAll();

  const cleo = await live.open(2);
  await hasAll(cleo, ...all);
  expect([...texts(cleo)].sort()).toEqual([...all].sort());
}, 240_000);

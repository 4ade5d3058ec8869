/** A laptop that is a relay and dies at any moment is the same relay again, and lost nothing that was shown as sent. */
import { type ChildProcess, fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromHost } from '../../src/cli/demo/talk.ts';
import { readRelay } from '../../src/directory/relays.ts';
import type { Reply } from '../../src/ipc/contract.ts';
import type { RelayHereView } from '../../src/ipc/view.ts';
import { openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { Live, reaches } from '../kit/live.ts';
import { seeded } from '../kit/random.ts';
import { until, within } from '../kit/until.ts';

const program = join(import.meta.dirname, '../../dist/src/cli/demo/hostProcess.js');
let live: Live;
let laptop: ChildProcess | undefined;
const open: Responder[] = [];

beforeEach(async () => {
  live = await Live.found({ members: 3, relays: 1 });
});
afterEach(async () => {
  await kill();
  for (const each of open.splice(0)) each.close();
  await live.end();
});

async function kill(): Promise<void> {
  const child = laptop;
  laptop = undefined;
  if (child === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await within(gone, 'the laptop dies');
}

/** Muster of device 0, in a process of its own. */
function boot(): (message: object) => Promise<unknown> {
  const child = fork(program, { stdio: 'ignore' });
  laptop = child;
  let id = 0;
  return (message) => {
    id += 1;
    const asked = id;
    const answer = new Promise<unknown>((resolve) => {
      child.on('message', (raw) => {
        const said = fromHost.parse(raw);
        if (said.type === 'done' && said.id === asked) resolve(said.value);
        // Taking in the same list twice is refused; what runs meanwhile is a relay with a locked vault.
        if (said.type === 'failed' && said.id === asked) resolve(said.code);
      });
    });
    child.send({ id: asked, device: 'laptop', ...message });
    return within(answer, 'the laptop answers', 30_000);
  };
}
const opening = (bundle: string) => ({
  type: 'open',
  dir: live.device(0).dir,
  passphrase: live.device(0).passphrase,
  bundle,
});
const texts = (device: Responder) => viewRoom(device, live.everyone, undefined, 200).messages;
const shownAsSent = (device: Responder) => texts(device).filter((each) => each.own && each.relays >= 1);

async function openOther(i: number, bundle: Uint8Array): Promise<Responder> {
  const { dir, passphrase } = live.device(i);
  const device = await openDevice(
    dir,
    passphrase,
    nodePorts(() => undefined),
    bundle,
  );
  open.push(device);
  await reaches(device, 1);
  return device;
}

it('is killed under load, again and again', async () => {
  const lists = [join(live.work, 'list1'), join(live.work, 'list2')] as const;
  writeFileSync(lists[0], live.bundle);
  const ask = boot();
  await ask(opening(lists[0]));
  const started = await ask({ type: 'call', call: 'relay.start', args: { address: '127.0.0.1', name: 'Laptop' } });
  const { value } = started as Extract<Reply<RelayHereView>, { ok: true }>;
  const bundle = live.bundleWithRelays([readRelay(value.known?.card ?? '')]);
  writeFileSync(lists[1], bundle);

  const author = await openOther(1, bundle);
  const random = seeded(4);
  const shown = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const sending = Array.from({ length: 8 }, (_, i) =>
      author.command({ type: 'send-text', room: live.everyone, text: `round ${round} text ${i}` }),
    );
    const before = shownAsSent(author).length;
    const enough = before + Math.floor(random.next() * 8) * (round % 2);
    await until(() => shownAsSent(author).length >= enough, 'some are sent', 20_000);
    await kill();
    await Promise.all(sending);
    for (const { entry } of shownAsSent(author)) shown.add(entry);
    await boot()(opening(lists[1]));
    author.wake();
    await reaches(author, 1);
  }
  await until(() => shownAsSent(author).length >= 32, 'all are sent in the end', 20_000);
  for (const { entry } of shownAsSent(author)) shown.add(entry);
  await kill();
  author.close();
  boot()(opening(lists[1])).catch(() => undefined);

  // Nobody is left to send again what this relay might have lost.
  const late = await openOther(2, bundle);
  await until(
    () => [...shown].every((entry) => texts(late).some((each) => each.entry === entry)),
    'everything that was shown as sent comes from the relay alone',
    30_000,
  );
  expect(shown.size).toBeGreaterThanOrEqual(32);
}, 120_000);

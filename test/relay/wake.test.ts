/** A real device at a real relay whose machine sleeps, moves to another network, and has its clock set. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { roomId } from '../../src/core/id.ts';
import { openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Ports } from '../../src/responder/port.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewHome } from '../../src/responder/view.ts';
import { orgId } from '../../src/wire/id.ts';
import { foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { startTestRelay, type TestRelay } from '../kit/relay.ts';
import { makeTerminal } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-wake-'));
const patienceMs = 60_000;
const machine = { setMs: 0, networks: 'one' };
let pings = 0;
let relay: TestRelay;
let device: Responder;

/** The real machine, but for its clock and its networks, and timers that run fifty times as fast. */
function fastPorts(): Ports {
  const real = nodePorts(() => undefined);
  const now = () => Date.now() + machine.setMs;
  return {
    ...real,
    now,
    networks: () => machine.networks,
    setTimer: (ms, fire) => real.setTimer(ms / 50, fire),
    link: {
      ...real.link,
      now,
      connect(route, pin, events) {
        const socket = real.link.connect(route, pin, {
          onOpen: () => events.onOpen(),
          onMessage: (bytes) => events.onMessage(bytes),
          onHeard: () => events.onHeard(),
          onClose: (code, text) => events.onClose(code, text),
        });
        return {
          send: (bytes) => socket.send(bytes),
          close: () => socket.close(),
          get bufferedBytes() {
            return socket.bufferedBytes;
          },
          ping() {
            pings += 1;
            socket.ping();
          },
        };
      },
    },
  };
}

const upSince = () => viewHome(device).relays.find(({ state }) => state === 'up')?.sinceMs;

beforeAll(async () => {
  const muster = makeTerminal(dir);
  const ok = async (...args: readonly string[]) => {
    const { code, out, err } = await muster.run(...args);
    if (code !== 0) throw new Error(err);
    return out;
  };
  const { fingerprint } = await foundByHand(ok, dir, ['ada', 'bela']);
  await issueByHand(ok, dir, ['ada', 'bela'], []);
  const admission = readFileSync(join(dir, 'list.admission'));
  relay = await startTestRelay([orgId.parse(fingerprint)], { dataDir: join(dir, 'r'), admission });
  device = await openDevice(join(dir, 'ada'), 'four blue horses sleep', fastPorts());
  await until(upSince, 'the relay is reached', 10_000);
}, patienceMs);

afterAll(async () => {
  device.close();
  await relay.close();
  rmSync(dir, { recursive: true, force: true });
});

it('asks at once whether its connections live when the network has changed', async () => {
  expect(pings).toBe(0);
  machine.networks = 'another';
  await until(() => pings > 0, 'the relay is asked');
});

it('begins anew and measures its clock again when that was set, and says that it is wrong', async () => {
  const before = upSince() ?? 0;
  expect(viewHome(device).clock?.wrong).toBe(false);
  machine.setMs = 3 * 3_600_000;
  const clock = await until(() => {
    const home = viewHome(device);
    return home.clock?.wrong === true ? home.clock : undefined;
  }, 'the clock is measured anew');
  expect(Math.abs(clock.offsetMs + machine.setMs)).toBeLessThan(60_000);
  await until(() => (upSince() ?? 0) > before, 'the relay is reached again');
  // Nothing breaks by it.
  const room = roomId.parse(viewHome(device).rooms[0]?.id ?? '');
  await device.command({ type: 'send-text', room, text: 'three hours ahead' });
  await until(() => viewHome(device).waiting === 0, 'the relay has what was written');
  machine.setMs = 0;
  await until(() => viewHome(device).clock?.wrong === false, 'the clock is right again');
});

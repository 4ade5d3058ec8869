/** A line so slow that one message takes longer than either side lets a line be silent: it is slow, and not dead. */
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { relayLimits } from '../../server/limit.ts';
import { linkLimit } from '../../src/link/limit.ts';
import { Link } from '../../src/link/link.ts';
import { makePorts } from '../../src/link/node.ts';
import { usualProxySetting } from '../../src/link/proxy.ts';
import type { RelayFrame } from '../../src/wire/frame.ts';
import { makeDevice, makeOrg } from '../kit/org.ts';
import { dropDataDir, enter, envelopeNumber, startTestRelay, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

/** Timers of both sides run so many times as fast. */
const haste = 20;
const silenceMs = (linkLimit.pingMs + linkLimit.pongMs) / haste;
const pingMs = relayLimits.pingMs / haste;
/** Of the line, each way. */
const bytesPerMs = 60;
const items = [1, 2, 3].map((n) => [topicNumber(1), envelopeNumber(n, 100_000)] as const);

const ends: (() => unknown)[] = [];
beforeEach(() => {
  // Or it would prove nothing.
  expect(300_000 / bytesPerMs).toBeGreaterThan(2 * Math.max(silenceMs, 2 * pingMs));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Carries so many bytes at a time and reads no further meanwhile. */
function trickle(from: Socket, to: Socket): void {
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
  const timer = setInterval(() => {
    const some = from.read(Math.min(from.readableLength, 10 * bytesPerMs));
    if (some instanceof Uint8Array) to.write(some);
  }, 10);
  ends.push(() => clearInterval(timer));
  // Without it nothing is read from the network.
  from.on('readable', () => undefined);
}

async function slowLine(port: number): Promise<number> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    trickle(near, far);
    trickle(far, near);
    ends.push(() => near.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ends.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function begin() {
  const [org, device] = [await makeOrg(), await makeDevice()];
  const relay = await startTestRelay([org.org], { admission: org.list([device]), limits: { pingMs } });
  ends.push(
    () => dropDataDir(relay.dataDir),
    () => relay.close(),
  );
  const ports = makePorts();
  const downs: string[] = [];
  const frames: RelayFrame[] = [];
  const { access, signAccess } = device;
  const link = new Link(
    {
      relay: relay.pin,
      addresses: [`127.0.0.1:${await slowLine(relay.port)}`],
      proxy: usualProxySetting,
      org: org.org,
      access,
      signAccess,
    },
    { ...ports, setTimer: (ms, fire) => ports.setTimer(ms / haste, fire) },
    {
      up: () => undefined,
      down: ({ text }) => downs.push(text),
      frame: (_, frame) => frames.push(frame),
    },
  );
  ends.push(() => link.close());
  await until(() => link.isUp, 'the link is up', 10_000);
  return { link, frames, downs, quick: () => enter(relay, org, device) };
}

it('a device is brought a message over it, on one connection', async () => {
  const { link, frames, downs, quick } = await begin();
  const near = await quick();
  near.send({ type: 'append', ref: 1, items });
  await near.take('appended');
  link.send({ type: 'tail', topic: topicNumber(1), from: 0 });
  const came = await until(() => frames.find(({ type }) => type === 'deliver'), 'it has come', 20_000);
  expect(came.type === 'deliver' && came.items.length).toBe(3);
  // The line may still carry what a relay that has hung up left in it.
  link.send({ type: 'append', ref: 2, items: [[topicNumber(1), envelopeNumber(4)]] });
  await until(() => frames.find(({ type }) => type === 'appended'), 'it is answered', 10_000);
  expect(downs).toEqual([]);
}, 40_000);

it('a device brings a message over it, on one connection', async () => {
  const { link, frames, downs } = await begin();
  link.send({ type: 'append', ref: 1, items });
  await until(() => frames.find(({ type }) => type === 'appended'), 'the relay has it', 20_000);
  expect(downs).toEqual([]);
}, 40_000);

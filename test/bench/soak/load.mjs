/**
 * The devices of the soak, in a process of their own: rooms of ten to twenty, each device in two and with an inbox. They append,
 * cast, come and go, and some come back with nothing and read their room from the beginning.
 *
 * Over IPC: `start` with the world, `measure` for what it can do at most, `rate` for a pace, `minute` for the figures.
 */
import { createHash, randomBytes } from 'node:crypto';
import { loadSodium } from '../../../dist/src/core/sodium.js';
import { accessKey, topicId } from '../../../dist/src/wire/id.js';
import { Device } from './device.mjs';

const roomSize = 10;
const sizes = [300, 400, 400, 700, 1000, 1000, 1000, 1000, 2000, 4000];
const largeSizes = [16_000, 16_000, 66_000];
const filler = randomBytes(128 * 1024);

await loadSodium();

const fresh = () => ({
  ackMs: [],
  wayMs: [],
  acknowledged: 0,
  delivered: 0,
  casts: 0,
  cut: 0,
  unanswered: 0,
  outOfOrder: 0,
  refused: {},
});
const count = { ...fresh(), inside: 0, waiting: 0 };
const devices = [];
let perSecond = 0;
let numbers = 0;

const topicOf = (name) => topicId.of(createHash('sha256').update(name).digest());
const any = (from) => from[Math.floor(Math.random() * from.length)];

function envelope() {
  // Texts mostly; one in a hundred is a part of an attachment.
  const size = Math.random() < 0.99 ? any(sizes) : any(largeSizes);
  const at = Math.floor(Math.random() * (filler.length - size));
  const bytes = Buffer.from(filler.subarray(at, at + size));
  bytes.writeDoubleBE(performance.now(), 0);
  bytes.writeUInt32BE(numbers++, 8);
  return bytes;
}

/** Somebody who is there; nobody if luck has it. */
function someone() {
  for (let i = 0; i < 20; i++) {
    const device = any(devices);
    if (device.isInside && device.socket.readyState === 1) return device;
  }
  return undefined;
}

async function start({ port, pin, org, keys }) {
  const world = { port, pin, org, count };
  const rooms = Math.max(1, Math.floor(keys.length / roomSize));
  for (const [i, { access, secret }] of keys.entries()) {
    const topics = [topicOf(`room ${i % rooms}`), topicOf(`room ${(i * 7 + 1) % rooms}`), topicOf(`inbox ${i}`)];
    const pair = { access: accessKey.of(Buffer.from(access, 'hex')), secret: Buffer.from(secret, 'hex') };
    devices.push(new Device(world, pair, [...new Set(topics)], `127.0.0.${2 + (i % 8)}`));
  }
  for (let i = 0; i < devices.length; i += 40) {
    for (const device of devices.slice(i, i + 40)) device.connect();
    while (count.inside < Math.min(devices.length, i + 40) - 5) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Appends as fast as they are answered, then waits until the last of them has been received: what is stored faster
 * than it can be handed on is no pace to go on at. Answers appends per second.
 */
async function measure(seconds) {
  const windowSize = 256;
  const startMs = performance.now();
  const answered = () => count.acknowledged + count.unanswered;
  const before = answered();
  let sent = 0;
  while (performance.now() < startMs + seconds * 1000) {
    while (sent - (answered() - before) < windowSize) {
      someone()?.append(envelope());
      sent += 1;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  let [delivered, lastMs] = [-1, performance.now()];
  while (performance.now() < lastMs + 1000) {
    if (count.delivered !== delivered) [delivered, lastMs] = [count.delivered, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ((answered() - before) * 1000) / (lastMs - startMs);
}

/** Twenty times a second what is due; nothing is made up for when this process itself was late for long. */
function pace() {
  let due = 0;
  let beforeMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    due = Math.min(due + (perSecond * (nowMs - beforeMs)) / 1000, perSecond);
    beforeMs = nowMs;
    for (; due >= 1; due--) {
      someone()?.append(envelope());
      if (Math.random() < 0.1) someone()?.cast(envelope().subarray(0, 400));
    }
  }, 20);
  let turn = 0;
  let away = 0;
  setInterval(() => {
    if (perSecond === 0) return;
    // In five minutes everyone has been away once, so that the minutes after are of connections that have seen everything;
    // one in twenty comes back with nothing.
    for (away += devices.length / 300; away >= 1; away--) {
      const device = devices[turn++ % devices.length];
      if (!device.isInside) continue;
      if (Math.random() < 0.05) device.forget();
      device.reconnect(Math.random() * 5000);
    }
  }, 1000);
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
function figures() {
  const ack = Float64Array.from(count.ackMs).sort();
  const way = Float64Array.from(count.wayMs).sort();
  const { acknowledged, delivered, casts, cut, unanswered, outOfOrder, refused, inside } = count;
  Object.assign(count, fresh());
  return {
    ...{ acknowledged, delivered, casts, cut, unanswered, outOfOrder, refused, inside },
    ackP50Ms: percentile(ack, 0.5),
    ackP99Ms: percentile(ack, 0.99),
    wayP50Ms: percentile(way, 0.5),
    wayP99Ms: percentile(way, 0.99),
  };
}

async function answer(question) {
  if (question.type === 'start') await start(question.world);
  if (question.type === 'measure') return measure(question.seconds);
  if (question.type === 'rate') {
    perSecond = question.perSecond;
    pace();
  }
  if (question.type === 'minute') return figures();
  return undefined;
}

process.on('message', async (question) => {
  try {
    process.send?.({ id: question.id, value: await answer(question) });
  } catch (error) {
    process.send?.({ id: question.id, failure: String(error) });
  }
});
process.once('disconnect', () => process.exit(0));

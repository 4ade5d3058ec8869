/**
 * One case in a process of its own: `fork(case.mjs, [work, name, isQuick])`. The figures go to the parent as a message.
 * The device under test runs in this process; relays are processes beside it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeSignKey, sign } from '../../../dist/src/core/key.js';
import { makeRoom, orgRoom } from '../../../dist/src/core/room.js';
import { verify } from '../../../dist/src/core/verify.js';
import { systemRandom } from '../../../dist/src/responder/device.js';
import { viewRoom } from '../../../dist/src/responder/roomView.js';
import { viewHome } from '../../../dist/src/responder/view.js';
import { bareRelay } from './bare.mjs';
import { fillRoom } from './fill.mjs';
import { found, makeVault, open, passphrase, reaches, startRelays, stopRelays, until, vaultOf } from './org.mjs';
import { measured } from './profile.mjs';
import { makeText, stream } from './text.mjs';

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
const median = (values) => quantile(values, 0.5);
const everyone = (org) => orgRoom(org.list).id;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** One signature check, in microseconds: the floor under everything that comes in, measured beside it. */
function signatureUs() {
  const key = makeSignKey(systemRandom);
  const message = systemRandom(700);
  const signature = sign(key, 'entry', message);
  const times = [];
  for (let i = 0; i < 400; i++) {
    const startedMs = performance.now();
    verify(key.publicKey, signature, 'entry', message);
    times.push((performance.now() - startedMs) * 1000);
  }
  return median(times);
}

/** Resolves when the room has an epoch to send in. */
const canSend = (device, room) => until(() => device.state.rooms.get(room).epochs.size > 0, 'an epoch');

async function timed(work) {
  const startedMs = performance.now();
  const value = await work();
  return { value, ms: performance.now() - startedMs };
}

/** From the command to the first relay that has it on disk, in turns with a bare append of as many bytes. */
async function send(work, isQuick) {
  const org = await found(work, { members: 3, relays: 3 });
  await startRelays(org);
  await makeVault(org, 0);
  const device = await open(org, 0);
  const room = everyone(org);
  await reaches(device, 3);
  await canSend(device, room);
  const bare = await bareRelay(org, 1);
  const times = { bare: [], kept: [], sent: [] };
  const text = 'Mail is down in Rotterdam, the backup line works.';
  const rounds = isQuick ? 150 : 1000;
  for (let i = -50; i < rounds; i++) {
    const one = await timed(() => bare.append(560));
    await pause(2);
    const sent = deferred();
    const startedMs = performance.now();
    let id;
    const isHeld = () => {
      if (id === undefined) return;
      const parcel = [...device.state.outbox.values()].find(({ entry }) => entry?.id === id);
      if (parcel === undefined || parcel.held.length > 0) sent.resolve(performance.now());
    };
    const unwatch = device.watch({ changed: isHeld });
    const result = await device.command({ type: 'send-text', room, text });
    const keptMs = performance.now();
    id = result.entry;
    isHeld();
    const sentMs = await sent.promise;
    unwatch();
    await until(() => device.state.outbox.size === 0, 'every relay has it');
    if (i < 0) continue;
    times.bare.push(one.ms);
    times.kept.push(keptMs - startedMs);
    times.sent.push(sentMs - startedMs);
  }
  bare.close();
  device.close();
  stopRelays(org);
  const facts = (values) => ({ p50: median(values), p99: quantile(values, 0.99) });
  return { bare: facts(times.bare), kept: facts(times.kept), sent: facts(times.sent) };
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** A device that was away for `count` entries of 500 bytes opens: until all are checked and in its vault. */
async function catchUp(work, isQuick, relays) {
  const org = await found(work, { members: 3, relays });
  await startRelays(org);
  await makeVault(org, 0);
  await makeVault(org, 1);
  const room = everyone(org);
  const writer = await open(org, 0);
  await reaches(writer, relays);
  await canSend(writer, room);
  const before = await open(org, 1);
  await canSend(before, room);
  before.close();
  const count = isQuick ? 3_000 : 10_000;
  const next = stream(3);
  const filled = await timed(async () => {
    for (let i = 0; i < count; i += 500) {
      const texts = Array.from({ length: 500 }, () => makeText(next, 500));
      await Promise.all(texts.map((text) => writer.command({ type: 'send-text', room, text })));
      await until(() => writer.state.outbox.size === 0, 'every relay has all');
    }
  });
  const { device: author } = writer.state.self;
  writer.close();
  const { value: reader, ms: openMs } = await timed(() => open(org, 1));
  const { ms, cpuMs, mainMs } = await measured('catch-up', () =>
    until(() => (reader.state.rooms.get(room).feeds.get(author)?.count ?? 0) >= count, 'all entries'),
  );
  const kept = reader.vault.entriesOf(room).length;
  reader.close();
  stopRelays(org);
  if (kept < count) throw new Error(`only ${kept} of ${count} are in the vault`);
  return {
    count,
    perS: (count * 1000) / ms,
    perCpuS: (count * 1000) / cpuMs,
    perMainS: (count * 1000) / mainMs,
    openMs,
    checkUs: signatureUs(),
    fillPerS: (count * 1000) / filled.ms,
  };
}

/** A room of 100,000: start, first screen, a page further back, search. */
async function large(work, isQuick) {
  const org = await found(work, { members: 20, relays: 1 });
  const room = everyone(org);
  const count = isQuick ? 20_000 : 100_000;
  let fillMs;
  await makeVault(org, 0, (vault) => {
    fillMs = fillRoom(vault, room, org.people.slice(0, 10), { count, bytes: 200 });
  });
  const { value: device, ms: openMs } = await timed(() => open(org, 0));
  const first = await measured('first', () => viewRoom(device, room, undefined, 50));
  const again = [];
  for (let i = 0; i < 20; i++) again.push((await timed(() => viewRoom(device, room, undefined, 50))).ms);
  const back = await timed(() => viewRoom(device, room, first.value.messages[0].entry, 50));
  const home = await timed(() => viewHome(device));
  const questions = isQuick ? 100 : 400;
  const next = stream(11);
  const search = { word: [], phrase: [], beginning: [], inRoom: [] };
  for (let i = 0; i < questions; i++) {
    const [, one, two] = makeText(next, 200).split(' ').slice(2);
    const ask = async (kind, typed, where = {}) =>
      search[kind].push((await timed(() => device.vault.search(typed, { limit: 50, ...where }))).ms);
    await ask('word', `${one} `);
    await ask('phrase', `"${one} ${two}"`);
    await ask('beginning', one.slice(0, 2));
    await ask('inRoom', `${one} ${two}`, { room });
  }
  device.close();
  const all = Object.values(search).flat();
  return {
    search: {
      p50: median(all),
      p99: quantile(all, 0.99),
      ...Object.fromEntries(Object.entries(search).map(([kind, times]) => [kind, median(times)])),
    },
    count,
    fillPerS: (count * 1000) / fillMs,
    openMs,
    firstMs: first.ms,
    firstCpuMs: first.cpuMs,
    screenMs: median(again),
    backMs: back.ms,
    homeMs: home.ms,
  };
}

/** Rooms of ten, opened by the device itself a day ago. */
function addRooms(org, vault, count) {
  const { device } = vault.readKeyring();
  const members = org.list.members.slice(0, 10).map((member) => member.id);
  for (let i = 0; i < count; i++) {
    const facts = { kind: 'incident', title: `Incident ${i}`, members, founder: device.id };
    const info = makeRoom(org.list, facts, Date.now() - 86_400_000, systemRandom);
    vault.apply([{ type: 'room', room: info.id, genesis: info.genesis }]);
  }
}

/** Resident memory of a process with nothing but a device in it that is open, connected and has nothing to do. */
async function idle(work) {
  const org = await found(work, { members: 10, relays: 3 });
  await startRelays(org);
  await makeVault(org, 0, (vault) => addRooms(org, vault, 50));
  const child = fork(fileURLToPath(new URL('./idle.mjs', import.meta.url)), [vaultOf(org, 0), passphrase]);
  const megabytes = await new Promise((done, fail) => {
    child.once('message', done);
    child.once('exit', (code) => fail(new Error(`the idle device ended (${code})`)));
  });
  child.disconnect();
  stopRelays(org);
  return { rooms: 50, megabytes };
}

/** Many rooms, or many devices in one: what a step costs. */
async function wide(work, isQuick, { rooms, members }) {
  const org = await found(work, { members, relays: 1 });
  await startRelays(org);
  await makeVault(org, 0, (vault) => addRooms(org, vault, rooms));
  const { value: device, ms: openMs } = await timed(() => open(org, 0));
  await reaches(device, 1);
  const room = everyone(org);
  await canSend(device, room);
  await until(() => device.state.outbox.size === 0, 'the relay has all');
  const times = [];
  const rounds = isQuick ? 50 : 200;
  for (let i = 0; i < rounds; i++) {
    const one = await timed(() => device.command({ type: 'send-text', room, text: `text ${i}` }));
    times.push(one.ms);
    await until(() => device.state.outbox.size === 0, 'the relay has it');
  }
  const home = await timed(() => viewHome(device));
  const screen = await timed(() => viewRoom(device, room, undefined, 50));
  device.close();
  stopRelays(org);
  return { rooms, members, openMs, keptMs: median(times), homeMs: home.ms, screenMs: screen.ms };
}

const cases = {
  send: (work, isQuick) => send(work, isQuick),
  'catch-up': (work, isQuick) => catchUp(work, isQuick, 1),
  'catch-up-3': (work, isQuick) => catchUp(work, isQuick, 3),
  large: (work, isQuick) => large(work, isQuick),
  idle,
  rooms: (work, isQuick) => wide(work, isQuick, { rooms: 200, members: 10 }),
  devices: (work, isQuick) => wide(work, isQuick, { rooms: 0, members: 500 }),
};

process.once('disconnect', () => process.exit(1)); // whoever wanted the figures is gone
const [work, name, isQuick] = process.argv.slice(2);
const figures = await cases[name](work, isQuick === 'quick');
if (process.send === undefined) console.log(figures);
else process.send(figures, () => process.exit(0));

/** Through a whole scenario, nothing that can be printed holds a key: not the state, not a fault, not a result. */
import { beforeAll, expect, it } from 'vitest';
import { startOf } from '../../src/core/drill.ts';
import { orgRoom } from '../../src/core/room.ts';
import type { Secret } from '../../src/core/secret.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { hex } from '../../src/wire/bytes.ts';
import { findSecrets, printed } from '../kit/leak.ts';
import { World, type WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

/** Every secret of every device, by name. */
function secretsOf(world: World): ReadonlyMap<string, Uint8Array> {
  const secrets = new Map<string, Uint8Array>();
  world.devices.forEach((device, i) => {
    const { keys, prekeys } = device.self;
    for (const [name, key] of Object.entries(keys)) secrets.set(`${name} key of ${i}`, key.secret.open().slice(0, 32));
    for (const prekey of prekeys) secrets.set(`prekey of ${i}`, prekey.seed.open());
    for (const row of device.vault.epochs.values()) secrets.set(`epoch ${row.epoch}`, row.secret);
    for (const [ref, { secret }] of device.vault.pairs) secrets.set(`pair ${ref} of ${i}`, secret);
    for (const { chain } of device.running.outgoing.values())
      secrets.set(`chain to ${chain.prekey} of ${i}`, chain.secret.open());
  });
  world.founded.custodians.forEach((key, i) => {
    secrets.set(`custodian ${i}`, key.secret.open().slice(0, 32));
  });
  world.founded.identities.forEach((key, i) => {
    secrets.set(`identity ${i}`, key.secret.open().slice(0, 32));
  });
  const rendezvous = world.founded.list.rendezvous;
  if (rendezvous === undefined) throw new Error('the list has a rendezvous');
  return secrets.set('rendezvous', rendezvous.open());
}

const shown = (device: WorldDevice): string =>
  [device.state, device.self, device.refused, device.raised, [...device.results]].map(printed).join('\n');

function play(world: World): void {
  world.startAll();
  world.run(4_000);
  const everyone = orgRoom(world.founded.list).id;
  world.command(0, { type: 'send-text', room: everyone, text: 'mail is down' });
  const members = [0, 1].map((i) => world.device(i).self.member);
  world.command(0, { type: 'create-room', title: 'Ransom note', members });
  world.run(2_000);
  world.command(2, { type: 'send-text', room: 'ff'.repeat(32) as typeof everyone, text: 'no such room' });
  // A relay alters what it holds: its envelopes are refused, and what is said of that is looked at too.
  for (const stored of world.relay(0).topics.values()) {
    stored.push(
      ...stored.map((each, i) => ({
        ...each,
        offset: stored.length + i + 1,
        bytes: each.bytes.map((byte, at) => (at === each.bytes.length - 1 ? byte ^ 1 : byte)),
      })),
    );
  }
  for (const device of world.devices) {
    world.disconnect(device, world.relay(0));
    world.connect(device, world.relay(0));
  }
  world.run(2_000);
  const [plan] = world.founded.list.drills;
  if (plan === undefined) throw new Error('a drill is planned');
  world.run(startOf(world.founded.list, plan) - world.nowMs + 2_000);
  for (const i of [0, 1, 2]) world.command(i, { type: 'answer', drill: plan.id, answer: 'there' });
  world.crash(1);
  world.start(1);
  world.run(20_000);
}

it('no key of any kind is in what devices print, after messages, refusals, an invitation, a drill and a crash', () => {
  const world = new World(9, { members: 4, drills: [{ fromMs: 1_800_000_020_000, toMs: 1_800_000_030_000 }] });
  play(world);
  const secrets = secretsOf(world);
  expect([...secrets.keys()].filter((name) => name.startsWith('epoch')).length).toBeGreaterThanOrEqual(3);
  expect(secrets.size).toBeGreaterThanOrEqual(4 * 4 + 3 + 4 + 3 + 1);
  expect(world.devices.some((device) => device.refused.length > 0)).toBe(true);
  expect([...world.device(2).results.values()].some((result) => result instanceof Error)).toBe(true);
  for (const device of world.devices) {
    const text = shown(device);
    // It is the state that was searched: what is not secret is there.
    expect(text).toContain(device.self.device);
    expect(text).toContain('[secret epoch]');
    expect(findSecrets(text, secrets)).toEqual([]);
  }
  // Faults one by one, with stack and cause.
  const faults = world.devices.flatMap((device) =>
    [...device.results.values()].filter((result) => result instanceof Error),
  );
  expect(
    findSecrets(faults.map((fault) => `${fault.stack} ${String(fault)} ${printed(fault)}`).join('\n'), secrets),
  ).toEqual([]);
});

it('relays see no key either', () => {
  const world = new World(9, { members: 4, drills: [{ fromMs: 1_800_000_020_000, toMs: 1_800_000_030_000 }] });
  play(world);
  const crossed = Buffer.concat(world.relays.flatMap((relay) => relay.crossed));
  for (const [name, bytes] of secretsOf(world)) expect(crossed.includes(Buffer.from(bytes)), name).toBe(false);
});

it('a key that was let into a state is found', () => {
  const world = new World(10, { members: 2 });
  world.startAll();
  world.run(3_000);
  const secrets = secretsOf(world);
  const [epoch] = [...world.device(0).running.rooms.values()].flatMap((room) => [...room.epochs.values()]);
  if (epoch === undefined) throw new Error('an epoch was opened');
  const leaky = { ...world.device(0).running, leak: new Map([['somewhere', { deep: epoch.secret.open() }]]) };
  expect(findSecrets(printed(leaky), secrets)).toEqual([`epoch ${epoch.id}`]);
});

it('what is erased is nowhere any more: not in the state, not in the vault, and its bytes are overwritten', () => {
  const world = new World(11, { members: 3 });
  const everyone = orgRoom(world.founded.list).id;
  /** Every key that was ever on a disk, with the box it came in. */
  const ever = new Map<string, { readonly bytes: Uint8Array; readonly box?: Secret }>();
  world.onStep = (_device, _state, _event, _args, made) => {
    for (const effect of made.effects) {
      for (const row of effect.type === 'write' ? effect.rows : []) {
        if (row.type === 'epoch') ever.set(`epoch ${hex(row.secret)}`, { bytes: row.secret.slice() });
        if (row.type === 'own-prekey')
          ever.set(`prekey ${row.prekey.id}`, { bytes: row.prekey.seed.open().slice(), box: row.prekey.seed });
        if (row.type === 'pair')
          ever.set(`pair ${row.ref}`, { bytes: row.pair.secret.open().slice(), box: row.pair.secret });
      }
    }
  };
  world.startAll();
  world.run(4_000);
  for (let day = 0; day < 4; day++) {
    world.command(day % 3, { type: 'send-text', room: everyone, text: `day ${day}` });
    world.run(24 * 3_600_000);
  }
  const old = [...ever];
  world.run(60 * 3_600_000);
  const states = world.devices.map((device) => printed([device.state, device.self]));
  const vaults = world.devices.map(({ vault }) => {
    const { prekeys, pairs, epochs } = vault.load();
    return [
      ...prekeys.map(({ seed }) => seed.open()),
      ...pairs.map(({ pair }) => pair.secret.open()),
      ...epochs.map(({ secret }) => secret),
    ].map(hex);
  });
  const kept = new Set(vaults.flat());
  const gone = old.filter(([, { bytes }]) => !kept.has(hex(bytes)));
  // Of four days and more, nearly all is over; the prekeys and epochs of today are still there.
  expect(gone.length).toBeGreaterThan(20);
  expect(kept.size).toBeGreaterThan(0);
  const secrets = new Map(gone.map(([name, { bytes }]) => [name, bytes]));
  expect(findSecrets(states.join('\n'), secrets)).toEqual([]);
  for (const [name, { box }] of gone) expect(box?.open().some((byte) => byte !== 0) ?? false, name).toBe(false);
  // The test can fail: what is still in use is found in the vaults and not overwritten.
  expect([...ever.values()].some(({ bytes }) => kept.has(hex(bytes)))).toBe(true);
});

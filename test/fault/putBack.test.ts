/** A vault that was put back to an earlier copy of itself: it notices, writes nothing more, and goes on as another device. */
import { cpSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installBundle, renewDevice } from '../../src/responder/device.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { Vault } from '../../src/vault/vault.ts';
import { Live, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';

let live: Live;
beforeEach(async () => {
  live = await Live.found({ members: 2, relays: 1 });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

const texts = (device: Responder): readonly string[] =>
  viewRoom(device, live.everyone, undefined, 100)
    .messages.filter(({ kind }) => kind === 'text')
    .map(({ text }) => text);

const say = (device: Responder, text: string) => device.command({ type: 'send-text', room: live.everyone, text });

const hasAll = (device: Responder, ...all: readonly string[]) =>
  until(() => all.every((text) => texts(device).includes(text)), `${all.join(', ')} came`, 30_000);

it('retires, is refilled, and writes again under new keys once a list names them', async () => {
  const { dir, passphrase } = live.device(0);
  const bela = await live.open(1);
  let ada = await live.open(0);
  await reaches(ada, 1);
  await say(ada, 'one');
  await hasAll(bela, 'one');
  ada.close();
  cpSync(dir, `${dir}-copy`, { recursive: true });
  ada = await live.open(0);
  await say(ada, 'two');
  await say(ada, 'three');
  await hasAll(bela, 'two', 'three');
  ada.close();
  rmSync(dir, { recursive: true });
  cpSync(`${dir}-copy`, dir, { recursive: true });

  ada = await live.open(0);
  await hasAll(ada, 'one', 'two', 'three');
  expect(ada.state.retiredAtMs).toBeDefined();
  await expect(say(ada, 'over what is there')).rejects.toThrow('enrol it anew');
  const before = ada.state.self.device;
  ada.close();

  const vault = await Vault.open(dir, passphrase);
  const bundle = live.bundleWith(renewDevice(vault, 'laptop, again', Date.now()));
  installBundle(vault, bundle);
  vault.close();
  bela.close();
  const other = await Vault.open(live.device(1).dir, live.device(1).passphrase);
  installBundle(other, bundle);
  other.close();
  const belaAgain = await live.open(1);
  ada = await live.open(0);
  expect(ada.state.self.device).not.toBe(before);
  expect(ada.state.retiredAtMs).toBeUndefined();
  await reaches(ada, 1);
  await say(ada, 'as another device');
  await hasAll(belaAgain, 'one', 'two', 'three', 'as another device');
  expect(texts(ada)).toEqual(expect.arrayContaining(['one', 'two', 'three', 'as another device']));
}, 90_000);

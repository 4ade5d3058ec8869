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

/** Both go on under a list in which this device of ada's has new keys. */
async function enrolAnew(): Promise<{ readonly ada: Responder; readonly bela: Responder }> {
  const { dir, passphrase } = live.device(0);
  const vault = await Vault.open(dir, passphrase);
  const bundle = live.bundleWith(renewDevice(vault, 'laptop, again', Date.now()));
  installBundle(vault, bundle);
  vault.close();
  const other = await Vault.open(live.device(1).dir, live.device(1).passphrase);
  installBundle(other, bundle);
  other.close();
  const [ada, bela] = [await live.open(0), await live.open(1)];
  for (const device of [ada, bela]) await reaches(device, 1);
  return { ada, bela };
}

/** Ada's disk is that of before she said two and three. Gives bela's device, which heard it. */
async function putBack(): Promise<Responder> {
  const { dir } = live.device(0);
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
  return bela;
}

it('retires, is refilled, and writes again under new keys once a list names them', async () => {
  const bela = await putBack();
  const ada = await live.open(0);
  await hasAll(ada, 'one', 'two', 'three');
  expect(ada.state.retiredAtMs).toBeDefined();
  await expect(say(ada, 'over what is there')).rejects.toThrow('enrol it anew');
  ada.close();
  bela.close();

  const again = await enrolAnew();
  expect(again.ada.state.self.device).not.toBe(ada.state.self.device);
  expect(again.ada.state.retiredAtMs).toBeUndefined();
  await say(again.ada, 'as another device');
  await hasAll(again.bela, 'one', 'two', 'three', 'as another device');
  expect(texts(again.ada)).toEqual(expect.arrayContaining(['one', 'two', 'three', 'as another device']));
}, 90_000);

it('that was written on before it noticed does not contradict, as another device, what it said before', async () => {
  const bela = await putBack();
  await live.killRelay(0);
  const ada = await live.open(0);
  await say(ada, 'over two');
  await say(ada, 'over three');
  await live.startRelay(0);
  await until(() => ada.state.retiredAtMs !== undefined, 'it has found out', 30_000);
  ada.close();
  bela.close();

  const again = await enrolAnew();
  await hasAll(again.ada, 'one', 'two', 'three');
  await say(again.ada, 'as another device');
  await hasAll(again.bela, 'one', 'two', 'three', 'as another device');
  for (const device of [again.ada, again.bela]) {
    expect(texts(device).filter((text) => text.startsWith('over'))).toEqual([]);
    const { messages } = viewRoom(device, live.everyone, undefined, 100);
    expect(messages.map(({ text }) => text).join()).not.toMatch(/two different/);
  }
}, 90_000);

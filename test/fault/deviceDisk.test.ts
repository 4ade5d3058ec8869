/** The disk of a device refuses what was to be written, and takes it again a moment later: nothing of it is forgotten. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countAll } from '../../src/engine/file.ts';
import { sendFile } from '../../src/responder/attach.ts';
import { openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { Broken } from '../../src/wire/fault.ts';
import { Live, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';

let live: Live;
beforeEach(async () => {
  live = await Live.found({ members: 2, relays: 1 });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

/** A device whose first steps are taken when the test says so. */
async function open(): Promise<{ readonly device: Responder; go(): void }> {
  const { soon: real, ...ports } = nodePorts(() => undefined);
  let go: () => void = () => undefined;
  let isHeld = true;
  const soon = (fire: () => void): void => {
    if (isHeld) go = fire;
    else real(fire);
  };
  const { dir, passphrase } = live.device(0);
  const device = await openDevice(dir, passphrase, { ...ports, soon }, live.bundle);
  return {
    device,
    go() {
      isHeld = false;
      go();
    },
  };
}

/** A file of its own, which every relay has. */
async function sendOwn(device: Responder): Promise<Parameters<Responder['command']>[0]> {
  const path = `${live.device(0).dir}.txt`;
  writeFileSync(path, 'what happened when\n'.repeat(100));
  const { entry } = await sendFile(device, live.everyone, path);
  if (entry === undefined) throw new Error('nothing was said of it');
  await until(
    () => {
      const file = device.state.files.get(entry);
      return file !== undefined && [...file.held.values()].includes(countAll(file));
    },
    'the relay has it',
    20_000,
  );
  return { type: 'drop-file', room: live.everyone, entry };
}

it('what was asked of it and it could not read is asked again, and nothing else is held up', async () => {
  const device = await live.open(0);
  await reaches(device, 1);
  const drop = await sendOwn(device);
  const count = vi.spyOn(device.vault, 'fileBytes').mockImplementationOnce(() => {
    throw new Broken('io', 'The disk cannot be read.');
  });
  try {
    await device.command(drop);
    expect([count.mock.calls.length, device.state.fileBytes]).toEqual([1, 1900]);
    await until(() => device.state.fileBytes === 0, 'it was asked again', 10_000);
  } finally {
    device.close();
  }
}, 60_000);

const refuseOnce = (device: Responder) =>
  vi.spyOn(device.vault, 'apply').mockImplementationOnce(() => {
    throw new Broken('io', 'The disk is full.');
  });

it('its start is not lost with it: the run has a name, and beacons go out', async () => {
  const other = await live.open(1);
  await reaches(other, 1);
  const { device, go } = await open();
  const apply = refuseOnce(device);
  go();
  expect(apply).toHaveBeenCalledTimes(1);
  try {
    await reaches(device, 1);
    await until(() => device.state.boot !== '', 'the run has a name', 10_000);
    await until(() => device.state.beacon.saidMs !== undefined, 'it said that it is here', 20_000);
  } finally {
    device.close();
  }
}, 60_000);

/** The disk of a device refuses what was to be written, and takes it again a moment later: nothing of it is forgotten. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

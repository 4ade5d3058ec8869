/** A device's clock that somebody sets, or that a battery lost, as the device itself notices it. */
import type { World } from './world.ts';

/** Its machine notices (src/responder/machine.ts), and begins the connections anew. */
export function renew(world: World, i: number): void {
  const device = world.device(i);
  for (const relay of world.relays) {
    world.disconnect(device, relay);
    world.connect(device, relay);
  }
}

/** From now on the clock of device `i` is so much ahead. It runs on for five seconds before it notices. */
export function setClock(world: World, i: number, aheadMs: number): void {
  world.device(i).clockMs = aheadMs;
  world.at(5_000, () => renew(world, i));
}

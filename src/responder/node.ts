/** The real machine behind a responder's ports. */
import { nodePorts as link } from '../link/node.ts';
import { systemRandom } from './device.ts';
import type { Ports } from './port.ts';
import { nodeRelay } from './relayPort.ts';

export const nodePorts = (log: Ports['log']): Ports => ({
  now: Date.now,
  random: systemRandom,
  soon: (fire) => void setImmediate(fire),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
  link,
  relay: nodeRelay(log),
  log,
});

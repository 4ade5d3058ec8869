/** The real machine behind a responder's ports. */
import { networkInterfaces } from 'node:os';
import { makePorts, type SystemProxies } from '../link/node.ts';
import type { ProxySetting } from '../link/proxy.ts';
import { makeChecker } from './checker.ts';
import { systemRandom } from './device.ts';
import type { Ports } from './port.ts';
import { nodeRelay } from './relayPort.ts';

export interface ProxyFacts {
  /** Who knows which proxies this system uses. Nobody: none. */
  readonly system?: SystemProxies;
  /** Instead of the vault's setting. */
  readonly setting?: ProxySetting;
}

export const nodePorts = (log: Ports['log'], { system, setting }: ProxyFacts = {}): Ports => ({
  now: Date.now,
  monotonicMs: () => performance.now(),
  networks: listNetworks,
  random: systemRandom,
  soon: (fire) => void setImmediate(fire),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
  link: makePorts(system),
  ...(setting === undefined ? {} : { proxy: setting }),
  relay: nodeRelay(log),
  checker: makeChecker,
  log,
});

/** Asks the system's own tables and nobody in the network. */
function listNetworks(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, all]) => (all ?? []).filter(({ internal }) => !internal).map(({ cidr }) => `${name} ${cidr}`))
    .sort()
    .join('\n');
}

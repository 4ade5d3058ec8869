/** Where the shell gets its device from. Log lines carry codes and sentences, never content. */
import type { WindowHost } from '../ipc/host.ts';
import { sayPlace } from '../link/address.ts';
import { readPac } from '../link/proxy.ts';
import { createHost } from '../responder/host.ts';
import { nodePorts, type ProxyFacts } from '../responder/node.ts';

type Log = Parameters<typeof nodePorts>[0];

/** What the desktop would do for an address, in Chromium's words: `PROXY a:3128; DIRECT`. */
export type ResolveProxy = (url: string) => Promise<string>;

/** The device in `dir`, still closed: the window asks for its passphrase. */
export async function openWindowHost(
  dir: string,
  log: Log,
  resolveProxy: ResolveProxy,
  setting?: ProxyFacts['setting'],
): Promise<WindowHost> {
  const system = async (host: string, port: number) =>
    readPac(await resolveProxy(`https://${sayPlace({ host, port })}/`));
  return createHost(dir, nodePorts(log, { system, ...(setting === undefined ? {} : { setting }) }));
}

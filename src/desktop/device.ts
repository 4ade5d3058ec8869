/** Where the shell gets its device from. Log lines carry codes and sentences, never content. */
import type { WindowHost } from '../ipc/host.ts';
import { createHost } from '../responder/host.ts';
import { nodePorts } from '../responder/node.ts';

type Log = Parameters<typeof nodePorts>[0];

/** The device in `dir`, still closed: the window asks for its passphrase. */
export async function openWindowHost(dir: string, log: Log): Promise<WindowHost> {
  return createHost(dir, nodePorts(log));
}

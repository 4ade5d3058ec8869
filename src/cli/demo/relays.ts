/** The demo's relays: each a process of its own, started the way `muster relay start` starts one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { initRelay } from '../../../server/run.ts';
import type { LeafOf } from '../../core/leaf.ts';
import { Broken } from '../../wire/fault.ts';
import type { OrgId } from '../../wire/id.ts';
import { adopt } from './child.ts';

/** A first start makes no key any more; anything longer than this is a machine that stands still. */
const startMs = 30_000;
const program = fileURLToPath(new URL('../../../server/main.js', import.meta.url));

export interface DemoRelay {
  readonly leaf: Extract<LeafOf<'relay'>, { type: 'relay' }>;
  readonly dir: string;
  process?: ChildProcess;
}

const hosts = [
  { name: 'Falkenberg', operator: 'Hosting provider A, Sweden' },
  { name: 'Tartu', operator: 'Hosting provider B, Estonia' },
  { name: 'Lugano', operator: 'Own rack at a partner, Switzerland' },
];

/** Keys, certificates and ports, before anything listens: the list must name the pins. */
export function prepareRelays(dir: string): Promise<readonly DemoRelay[]> {
  return Promise.all(
    hosts.map(async ({ name, operator }, i): Promise<DemoRelay> => {
      const dataDir = join(dir, `relay-${i + 1}`);
      const { pin, port } = await initRelay(dataDir);
      return { dir: dataDir, leaf: { type: 'relay', relay: pin, name, operator, addresses: [`127.0.0.1:${port}`] } };
    }),
  );
}

/** Started with the organisation's fingerprint alone: the devices bring the list that admits them. */
export async function startRelay(relay: DemoRelay, org: OrgId): Promise<void> {
  const address = relay.leaf.addresses[0] ?? '';
  const child = adopt(
    spawn(
      process.execPath,
      [program, 'start', '--json', '--data', relay.dir, '--listen', address, '--org', org, '--name', relay.leaf.name],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ),
  );
  relay.process = child;
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (text: string) => reject(new Broken('broken', `Relay ${relay.leaf.name} ${text}. ${complaint}`));
    const timer = setTimeout(() => fail('did not start in time'), startMs);
    child.once('exit', () => fail('ended while starting'));
    if (child.stdout === null) return fail('has no output');
    createInterface({ input: child.stdout }).once('line', () => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve();
    });
  });
  adopt(child);
}

/** Every byte the relays have on disk. */
export function readRelayFiles(
  relays: readonly DemoRelay[],
): readonly { readonly file: string; readonly bytes: Buffer }[] {
  return relays.flatMap((relay) =>
    readdirSync(relay.dir, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file, bytes: readFileSync(file) })),
  );
}

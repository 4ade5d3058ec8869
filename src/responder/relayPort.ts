/**
 * What a relay in this process needs of the machine, and the real machine. The relay is server/, loaded when a person
 * starts it; there is no second one. It must never listen on every address at once, nor ask anything of the network to
 * find out which addresses there are.
 */
import { get } from 'node:https';
import { networkInterfaces } from 'node:os';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { pinShownBy } from '../link/node.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { OrgId, RelayId } from '../wire/id.ts';

export interface MachineAddress {
  readonly address: string;
  /** What the system calls the network card. */
  readonly network: string;
  readonly onlyHere: boolean;
}

export interface RelayOptions {
  readonly dataDir: string;
  readonly org: OrgId;
  readonly host: string;
  /** 0: the one kept in the folder, or any. */
  readonly port: number;
  readonly admission?: Bytes;
}

export interface RunningRelay {
  readonly pin: RelayId;
  readonly host: string;
  readonly port: number;
  /** When it resolves everything that was acknowledged is on disk and the port is free. */
  close(): Promise<void>;
}

export interface Health {
  readonly canWrite: boolean;
  readonly devices: number;
}

export interface RelayPorts {
  /** Where a relay could listen, this machine alone last. */
  addresses(): readonly MachineAddress[];
  /** Throws what `startRelay` throws. */
  start(options: RelayOptions): Promise<RunningRelay>;
  /** Asks where devices would ask; undefined when what answers there, if anything, is not this relay. */
  health(relay: RunningRelay): Promise<Health | undefined>;
}

/** One line for the log: a code and a sentence, never content. */
type Log = (line: { readonly code: string; readonly text: string }) => void;

/** Loopback answers at once or not at all, and so does an address of one's own. */
const healthTimeoutMs = 2_000;
const maxHealthBytes = 4_096;
const healthShape = z.object({ devices: z.int().min(0).catch(0) });

/** `host:port`, or `[v6]:port`. */
export const joinAddress = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const nodeRelay = (log: Log): RelayPorts => ({
  addresses: listAddresses,
  async start({ dataDir, org, host, port, admission }) {
    // Only now: a device that is no relay holds nothing of one.
    const { runRelay } = await import('../../server/run.ts');
    return runRelay({
      dataDir,
      orgs: [org],
      listen: joinAddress(host, port),
      admission,
      log: {
        // What devices do at it is nobody's to read on this machine either.
        info: () => undefined,
        warn: (_, text) => log({ code: 'relay', text }),
        error: (_, text) => log({ code: 'relay', text }),
      },
    });
  },
  health: askHealth,
});

function listAddresses(): readonly MachineAddress[] {
  const outside = Object.entries(networkInterfaces()).flatMap(([network, all]) =>
    (all ?? [])
      // A link-local IPv6 address means nothing without the card's name, which is another on every machine.
      .filter(({ internal, family, address }) => !internal && !(family === 'IPv6' && /^fe[89ab]/i.test(address)))
      .map(({ address }) => ({ address, network, onlyHere: false })),
  );
  const isV6 = ({ address }: MachineAddress) => Number(address.includes(':'));
  return [
    ...outside.sort((a, b) => isV6(a) - isV6(b)),
    { address: '127.0.0.1', network: 'this machine', onlyHere: true },
  ];
}

function askHealth({ host, port, pin }: RunningRelay): Promise<Health | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(healthTimeoutMs);
    // No CA is asked, as by a device; the pin is the check.
    const request = get({ host, port, path: '/healthz', rejectUnauthorized: false, agent: false, signal });
    request.once('error', () => resolve(undefined));
    request.once('response', (response) => {
      if (!(response.socket instanceof TLSSocket) || pinShownBy(response.socket) !== pin) {
        request.destroy();
        resolve(undefined);
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > maxHealthBytes) request.destroy();
      });
      response.once('close', () => {
        const read = healthShape.safeParse(parseJson(text));
        resolve({ canWrite: response.statusCode === 200, devices: read.success ? read.data.devices : 0 });
      });
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off; the status says what matters
  }
}

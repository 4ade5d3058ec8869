/**
 * What a relay in this process needs of the machine, and the real machine. The relay is server/, loaded when a person
 * starts it; there is no second one. It must never listen on every address at once, nor ask anything of the network to
 * find out which addresses there are.
 */
import { networkInterfaces } from 'node:os';
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

export interface Health {
  /** It takes what devices send. */
  readonly ok: boolean;
  /** Devices that are connected and let in. */
  readonly admitted: number;
}

export interface RunningRelay {
  readonly pin: RelayId;
  readonly host: string;
  readonly port: number;
  health(): Promise<Health>;
  /** When it resolves everything that was acknowledged is on disk and the port is free. */
  close(): Promise<void>;
}

export interface RelayPorts {
  /** Where a relay could listen, this machine alone last. */
  addresses(): readonly MachineAddress[];
  /** Throws what `startRelay` throws. */
  start(options: RelayOptions): Promise<RunningRelay>;
}

/** One line for the log: a code and a sentence, never content. */
type Log = (line: { readonly code: string; readonly text: string }) => void;

/** `host:port`, or `[v6]:port`. */
export const joinAddress = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const nodeRelay = (log: Log): RelayPorts => ({
  addresses: listAddresses,
  async start({ org, ...config }) {
    // Only now: a device that is no relay holds nothing of one.
    const { startRelay } = await import('../../server/relay.ts');
    const note = (_: object, text: string) => log({ code: 'relay', text });
    // What devices do at it is nobody's to read on this machine either.
    const quiet = () => undefined;
    return startRelay(
      { ...config, orgs: [org] },
      { log: { debug: quiet, info: quiet, warn: note, error: note }, now: Date.now },
    );
  },
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

/**
 * A relay as a program runs it: options as text, a log on stderr, Faults for everything that is wrong with them.
 * Used by main.ts and by `muster relay`.
 */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { CallerFault } from '../src/wire/fault.ts';
import { orgId, type RelayId } from '../src/wire/id.ts';
import { loadIdentity } from './certificate.ts';
import { findFreePort, keepPort, keptPort } from './place.ts';
import { type Log, type Relay, startRelay } from './relay.ts';

export interface RunOptions {
  readonly dataDir: string;
  /** `HOST:PORT` or `[HOST]:PORT`; port 0 is the kept one, or any. */
  readonly listen: string;
  /** Fingerprints, 64 hexadecimal digits each. */
  readonly orgs: readonly string[];
  readonly admissionPath?: string | undefined;
  /** The same as bytes, for a caller that has taken it out of another file. */
  readonly admission?: Uint8Array | undefined;
  /** A word for the log lines, so that several relays of one machine can be told apart. */
  readonly name?: string | undefined;
  readonly log?: Log;
}

/** Starts a relay. Throws `CallerFault('invalid' | 'not-found')` for options, other Faults from `startRelay`. */
export async function runRelay(options: RunOptions): Promise<Relay> {
  const { host, port } = readListen(options.listen);
  if (options.orgs.length === 0)
    throw new CallerFault('invalid', 'name at least one organisation this relay serves: --org FINGERPRINT');
  const orgs = options.orgs.map((text) => orgId.parse(text));
  const admission = options.admissionPath === undefined ? options.admission : readAdmissionFile(options.admissionPath);
  const log =
    options.log ?? pino({ base: options.name === undefined ? {} : { relay: options.name } }, pino.destination(2));
  return startRelay(
    { dataDir: options.dataDir, host, port, orgs, ...(admission !== undefined && { admission }) },
    { log, now: Date.now },
  );
}

/**
 * Makes what a muster list has to name before the relay can run: its key, and a port that stays. Does not listen.
 * Doing it again answers the same.
 */
export async function initRelay(
  dataDir: string,
  host = '127.0.0.1',
): Promise<{ readonly pin: RelayId; readonly port: number }> {
  const { pin } = await loadIdentity(dataDir);
  const port = keptPort(dataDir) ?? (await findFreePort(host));
  keepPort(dataDir, port);
  return { pin, port };
}

function readListen(text: string): { host: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port > 65535)
    throw new CallerFault('invalid', 'where to listen is HOST:PORT, for example 127.0.0.1:0 or [::]:7443');
  return { host, port };
}

function readAdmissionFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CallerFault('not-found', 'the admission list file cannot be read', { cause });
  }
}

/** A relay out of its settings, and what a muster list has to name before one can run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../src/wire/bytes.ts';
import { CallerFault } from '../src/wire/fault.ts';
import type { RelayId } from '../src/wire/id.ts';
import { storeFile } from './backup.ts';
import { hasIdentity, loadIdentity } from './certificate.ts';
import { openLog } from './log.ts';
import type { Settings } from './option.ts';
import { findFreePort, keepPlace, keptPlace, noRelayIn } from './place.ts';
import { type Relay, startRelay, type Tls } from './relay.ts';

export interface RunPorts {
  /** A line of the log, its line end with it. */
  log(line: string): void;
  now(): number;
  /** What the file that `admission` names holds. */
  readonly admission?: Bytes;
}

/** Throws `CallerFault` for settings that do not hold on this machine, other Faults from `startRelay`. */
export async function runRelay(settings: Settings, ports: RunPorts): Promise<Relay> {
  const { data: dataDir, org: orgs, listen, metrics, limit: limits } = settings;
  if (orgs.length === 0)
    throw new CallerFault(
      'invalid',
      'Name at least one organisation that this relay serves: --org FINGERPRINT, or org in relay.toml.',
    );
  const tls = tlsOf(settings);
  // A mistyped name must not become a relay with a new key, which is on no muster list.
  if (!existsSync(dataDir)) throw new CallerFault('not-found', noRelayIn(dataDir));
  if (tls.kind === 'own' && !hasIdentity(dataDir) && existsSync(join(dataDir, storeFile))) {
    throw new CallerFault(
      'not-found',
      'There is a store in this folder and no key. With a new key no device would trust this relay: put key.pem and certificate.pem back from a backup.',
    );
  }
  const { admission } = ports;
  const log = openLog(
    {
      level: settings['log-level'],
      hasAddresses: settings['log-addresses'],
      hasTopics: settings['log-topics'],
      name: settings.name,
    },
    (line) => ports.log(line),
  );
  return startRelay(
    {
      ...{ dataDir, orgs, ...listen, tls, limits },
      ...(metrics !== undefined && { metrics }),
      ...(admission !== undefined && { admission }),
    },
    { log, now: () => ports.now() },
  );
}

function tlsOf({ tls: kind, certificate, key }: Settings): Tls {
  if (kind === 'given' && certificate !== undefined && key !== undefined) return { kind, certificate, key };
  return kind === 'off' ? { kind, ...(certificate !== undefined && { certificate }) } : { kind: 'own' };
}

/**
 * Makes what a muster list has to name before the relay can run: its key, and a port that stays. Does not listen.
 * Doing it again answers the same.
 */
export async function initRelay(
  dataDir: string,
  host = '127.0.0.1',
  port?: number,
): Promise<{ readonly pin: RelayId; readonly port: number }> {
  const { pin } = await loadIdentity(dataDir);
  const kept = keptPlace(dataDir);
  const place = { ...kept, port: port ?? kept?.port ?? (await findFreePort(host)) };
  keepPlace(dataDir, place);
  return { pin, port: place.port };
}

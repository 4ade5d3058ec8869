/**
 * The relay put together: listening, websockets, gate, hub and store. Frames are described in src/wire/frame.ts, the
 * conversation in docs/protocol.md section 3.
 *
 * It must never log a key, and never hold code that decrypts.
 */

import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import type { Bytes } from '../src/wire/bytes.ts';
import { Fault } from '../src/wire/fault.ts';
import type { RefusalCode } from '../src/wire/frame.ts';
import type { AccessKey, OrgId, RelayId } from '../src/wire/id.ts';
import { limit } from '../src/wire/limit.ts';
import { boundHosts } from './address.ts';
import { copier, dropCopy, storeFile } from './backup.ts';
import { type Identity, loadIdentity, readGiven } from './certificate.ts';
import { type Control, openControl } from './control.ts';
import { makeFolder } from './file.ts';
import { Gate } from './gate.ts';
import { type Health, publicHealth, readStored } from './health.ts';
import { Hub } from './hub.ts';
import { type RelayLimits, relayLimits } from './limit.ts';
import { startListening } from './listen.ts';
import type { Log } from './log.ts';
import { type Meter, quietMeter } from './meter.ts';
import { openMetrics } from './metric.ts';
import type { Address } from './option.ts';
import { type Pages, servePages } from './page.ts';
import { keepPlace, keptPlace } from './place.ts';
import type { Where } from './session.ts';
import { Sockets } from './socket.ts';
import { openStore } from './store.ts';
import { openUpgrades } from './upgrade.ts';

/** With whose key devices are met. `off`: a proxy ends TLS; devices pin the key of its certificate, else of ours. */
export type Tls =
  | { readonly kind: 'own' }
  | { readonly kind: 'given'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'off'; readonly certificate?: string };

export interface RelayConfig {
  readonly dataDir: string;
  /** The organisations served; a list of any other admits nobody. */
  readonly orgs: readonly OrgId[];
  readonly host: string;
  /** 0: the port kept in the data directory, or any free one, which is then kept. */
  readonly port: number;
  /** A signed admission list to start with; an older one than is kept is passed over. */
  readonly admission?: Bytes;
  readonly limits?: Partial<RelayLimits>;
  readonly tls?: Tls;
  /** Where the operator's pages are served besides the control socket; nowhere if it is left out. */
  readonly metrics?: Address;
}
export interface RelayPorts {
  readonly log: Log;
  /** Used where no metrics are asked for. */
  readonly meter?: Meter;
  /** Milliseconds since 1970; stamped on envelopes and told to devices. */
  now(): number;
}
export interface Relay {
  readonly pin: RelayId;
  readonly host: string;
  readonly port: number;
  /** Of the operator's pages. */
  readonly metricsPort?: number;
  health(): Promise<Health>;
  /** Of the admission list in force; 0 if there is none yet. */
  listVersion(org: OrgId): number;
  /** Says goodbye to everyone, commits what waits, and frees port and files. */
  close(): Promise<void>;
}

const httpSettings = {
  headersTimeout: limit.handshakeMs,
  requestTimeout: limit.handshakeMs,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
} as const;
const tlsSettings = { minVersion: 'TLSv1.3', handshakeTimeout: limit.handshakeMs } as const;

/** Starts a relay and resolves when it listens. Throws a Fault that says what to do. */
export async function startRelay(config: RelayConfig, ports: RelayPorts): Promise<Relay> {
  const { log } = ports;
  makeFolder(config.dataDir);
  const control = await openControl(
    config.dataDir,
    (cause) => log.warn({ err: cause }, 'no control socket: status, backup and admit cannot reach this relay'),
    (error) => log.error({ err: error }, 'failed'),
  );
  // Ended in turn, the last one first: the control socket holds the folder until everything else is closed.
  const ends: (() => Promise<void>)[] = [() => control.close(0)];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await open(config, ports, control, ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  config: RelayConfig,
  ports: RelayPorts,
  control: Control,
  ends: (() => Promise<void>)[],
): Promise<Omit<Relay, 'close'>> {
  const { dataDir, orgs, host } = config;
  const { log } = ports;
  const limits: RelayLimits = { ...relayLimits, ...config.limits };
  const now = () => ports.now();
  const startedAtMs = now();
  const tls = config.tls ?? { kind: 'own' };
  const metrics = config.metrics === undefined ? undefined : await openMetrics();
  const meter = metrics?.meter ?? ports.meter ?? quietMeter;
  // Side by side: the store opens in a thread of its own, and a start is what a restarted relay is waited for.
  const opening = openStore(join(dataDir, storeFile), limits, { meter, now });
  ends.push(() => opening.then((opened) => opened.close()).catch(() => undefined));
  const [store, identity, takeUpgrades] = await Promise.all([opening, identityOf(tls, dataDir), openUpgrades()]);
  const onRevoked = (org: OrgId, isAdmitted: (access: AccessKey) => boolean) => sockets.revoke(org, isAdmitted);
  const gate = new Gate({ pin: identity.pin, orgs, store, limits, now, onRevoked });
  const onRefused = (code: RefusalCode, error: unknown, where: Where = {}): void => {
    meter.refused(code);
    if (error instanceof Fault && error.side !== 'ours' && code !== 'disk')
      log.info({ code, reason: error.message, ...where }, 'refused');
    else if (error !== undefined) log.error({ code, err: error, ...where }, 'failed');
  };
  const sockets = new Sockets({ gate, hub: new Hub(store, limits), store, limits, now, onRefused });
  ends.push(async () => sockets.leave());
  const onFailed = (error: unknown) => log.error({ err: error }, 'failed');

  const health = async (): Promise<Health> => ({
    ...(await readStored(store, gate, orgs, dataDir)),
    ...{ pin: identity.pin, host, port, startedAtMs },
    admitted: sockets.count - sockets.strangerCount,
    strangers: sockets.strangerCount,
    memoryBytes: process.memoryUsage.rss(),
  });
  const answerStranger = () => {
    const ok = store.trouble === undefined;
    return { status: ok ? 200 : 503, text: publicHealth({ ok, trouble: store.trouble ?? null }) };
  };
  const answerOperator = async () => {
    const found = await health();
    return { status: found.ok ? 200 : 503, text: `${JSON.stringify(found)}\n` };
  };

  await gate.load();
  if (config.admission !== undefined) await bring(gate, config.admission, log);
  const server = makeServer(
    identity,
    servePages(() => ({ 'GET /healthz': answerStranger }), onFailed),
  );
  server.maxConnections = limits.connections;
  // Behind a proxy every address is the proxy's.
  if (tls.kind !== 'off') boundHosts(server, Math.min(limits.connectionsPerAddress, limits.connections / 2));
  takeUpgrades(server, (socket, address, stream) => {
    sockets.attend(socket, tls.kind === 'off' ? undefined : address, stream);
  });
  const kept = keptPlace(dataDir);
  const listening = await startListening(server, { host, port: config.port === 0 ? (kept?.port ?? 0) : config.port });
  const { port } = listening;
  ends.push(() => {
    // Goodbye first; who has not gone after the grace time is cut.
    sockets.leave();
    return listening.close(limits.closeGraceMs);
  });
  keepPlace(dataDir, { port, host, pin: identity.pin, orgs: [...orgs] });

  let metricsPort: number | undefined;
  if (metrics !== undefined && config.metrics !== undefined) {
    const { contentType, page } = metrics;
    const answerMetrics = async () => ({ type: contentType, text: await page(await health()) });
    const pages: Pages = { 'GET /healthz': answerOperator, 'GET /metrics': answerMetrics };
    const measured = await startListening(
      createPlainServer(
        httpSettings,
        servePages(() => pages, onFailed),
      ),
      config.metrics,
    );
    ends.push(() => measured.close(0));
    metricsPort = measured.port;
  }
  dropCopy(dataDir); // of a backup that was killed
  const copy = copier(store, dataDir);
  control.serve({
    'GET /healthz': answerOperator,
    'POST /admit': async (list) => ({ text: `${JSON.stringify({ version: await gate.admit(list) })}\n` }),
    'POST /copy': () => copy().then(() => ({ text: '{}\n' })),
  });
  const sweeping = setInterval(() => {
    store.sweep(now()).catch((error: unknown) => onRefused('disk', error));
  }, limits.sweepMs);
  ends.push(async () => clearInterval(sweeping));
  log.info({ count: orgs.length }, 'listening');
  const listVersion = (org: OrgId) => gate.version(org);
  return { pin: identity.pin, host, port, health, listVersion, ...(metricsPort !== undefined && { metricsPort }) };
}

async function identityOf(tls: Tls, dataDir: string): Promise<Identity | { readonly pin: RelayId }> {
  if (tls.kind === 'given') return readGiven(tls.certificate, tls.key);
  if (tls.kind === 'own') return loadIdentity(dataDir);
  if (tls.certificate !== undefined) return readGiven(tls.certificate);
  // The proxy has been given key.pem and certificate.pem of this folder.
  const { pin } = await loadIdentity(dataDir);
  return { pin };
}

const makeServer = (identity: Identity | { readonly pin: RelayId }, answer: RequestListener): Server =>
  'keyPem' in identity
    ? createServer({ ...httpSettings, ...tlsSettings, key: identity.keyPem, cert: identity.certificatePem }, answer)
    : createPlainServer(httpSettings, answer);

/** The list of the command line. After a revocation the kept one is newer; then the relay must start all the same. */
async function bring(gate: Gate, list: Bytes, log: Log): Promise<void> {
  try {
    await gate.admit(list);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'rolled-back') throw error;
    log.warn({}, 'the admission list given at start is older than the one kept; the kept one stays in force');
  }
}

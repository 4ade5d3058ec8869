/**
 * The relay put together: TLS, websockets, gate, hub and store. Frames are described in src/wire/frame.ts, the
 * conversation in docs/protocol.md section 3.
 *
 * It must never log an address, a key or a topic id, and never hold code that decrypts.
 */

import { mkdirSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { loadSodium } from '../src/core/sodium.ts';
import type { Bytes } from '../src/wire/bytes.ts';
import { Broken, Fault } from '../src/wire/fault.ts';
import type { RefusalCode } from '../src/wire/frame.ts';
import type { OrgId, RelayId } from '../src/wire/id.ts';
import { limit } from '../src/wire/limit.ts';
import { loadIdentity } from './certificate.ts';
import { Gate } from './gate.ts';
import { Hub } from './hub.ts';
import { type RelayLimits, relayLimits } from './limit.ts';
import { type Meter, quietMeter } from './meter.ts';
import { keepPort, keptPort } from './place.ts';
import { Sockets } from './socket.ts';
import { openStore } from './store.ts';

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
  /** `off`: plain, for a proxy on this machine that ends TLS. */
  readonly tls?: { readonly kind: 'own' | 'off' };
}
export interface RelayPorts {
  readonly log: Log;
  /** Milliseconds since 1970; stamped on envelopes and told to devices. */
  now(): number;
  /** What the relay counts; nobody by default. */
  readonly meter?: Meter;
}
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
export interface Relay {
  readonly pin: RelayId;
  readonly host: string;
  readonly port: number;
  /** Says goodbye to everyone, commits what waits, and frees port and files. */
  close(): Promise<void>;
}

const tlsSettings = { minVersion: 'TLSv1.3', handshakeTimeout: limit.handshakeMs } as const;
const httpSettings = {
  headersTimeout: limit.handshakeMs,
  requestTimeout: limit.handshakeMs,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
} as const;

/** Starts a relay and resolves when it listens. Throws a Fault that says what to do. */
export async function startRelay(config: RelayConfig, ports: RelayPorts): Promise<Relay> {
  await loadSodium();
  const limits: RelayLimits = { ...relayLimits, ...config.limits };
  const { log } = ports;
  const now = () => ports.now();
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const identity = await loadIdentity(config.dataDir);
  const meter = ports.meter ?? quietMeter;
  const store = await openStore(join(config.dataDir, 'relay.db'), limits, { meter, now });
  const gate = new Gate({
    pin: identity.pin,
    orgs: config.orgs,
    store,
    limits,
    now,
    onRevoked: (org, isAdmitted) => sockets.revoke(org, isAdmitted),
  });
  const hub = new Hub(store, limits);

  const onRefused = (code: RefusalCode, error: unknown): void => {
    meter.refused(code);
    if (error instanceof Fault && error.side !== 'ours' && code !== 'disk')
      log.info({ code, reason: error.message }, 'refused');
    else if (error !== undefined) log.error({ code, err: error }, 'failed');
  };
  const sockets = new Sockets({ gate, hub, store, limits, now, onRefused });

  const upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limit.frameBytes,
    clientTracking: false,
  });
  const server: Server =
    config.tls?.kind === 'off'
      ? createPlainServer(httpSettings, answerHealth)
      : createServer(
          { ...httpSettings, ...tlsSettings, key: identity.keyPem, cert: identity.certificatePem },
          answerHealth,
        );
  server.maxConnections = limits.connections;
  // A TLS or HTTP error of one socket; Node closes it. Without a listener for the upgrade socket it would be ours.
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrader.handleUpgrade(request, socket, head, (opened) => sockets.attend(opened, request.socket.remoteAddress));
  });

  function answerHealth(request: IncomingMessage, response: ServerResponse): void {
    const isHealth = request.method === 'GET' && request.url === '/healthz';
    const status = !isHealth ? 404 : store.trouble === undefined ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(
      isHealth
        ? `${JSON.stringify({ ok: status === 200, store: store.trouble ?? 'ok', devices: sockets.count })}\n`
        : '',
    );
  }

  const sweeping = setInterval(() => {
    store.sweep(now()).catch((error: unknown) => onRefused('disk', error));
  }, limits.sweepMs);

  const close = async (): Promise<void> => {
    clearInterval(sweeping);
    const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
    sockets.leave();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), limits.closeGraceMs).unref();
    await isClosed;
    await store.close();
  };

  try {
    await gate.load();
    if (config.admission !== undefined) await bring(gate, config.admission, log);
    const port = await listen(server, config.host, config.port === 0 ? (keptPort(config.dataDir) ?? 0) : config.port);
    keepPort(config.dataDir, port);
    log.info({ orgs: config.orgs.length }, 'listening');
    return { pin: identity.pin, host: config.host, port, close };
  } catch (error) {
    sockets.leave();
    clearInterval(sweeping);
    await store.close();
    throw error;
  }
}

/** The list of the command line. After a revocation the kept one is newer; then the relay must start all the same. */
async function bring(gate: Gate, list: Bytes, log: Log): Promise<void> {
  try {
    await gate.admit(list);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'rolled-back') throw error;
    log.warn({}, 'the admission list given at start is older than the one kept; the kept one stays in force');
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Broken('io', `cannot listen on port ${port}; is another program using it?`, { cause })),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

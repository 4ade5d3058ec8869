/**
 * The real socket of a link: TLS 1.3 with a pinned key, then a websocket over it.
 *
 * Trust comes from the pin alone. The public CA store, names and dates are never looked at, and nothing, not even
 * the HTTP upgrade, is sent before the pin has been checked.
 */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { type RelayId, relayId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import type { LinkPorts, Route, SocketEvents, SocketLike } from './port.ts';
import type { ProxyServer } from './proxy.ts';
import { askSystem, makeResolver } from './resolve.ts';
import { openTunnel } from './tunnel.ts';

/** Time for the last bytes of a connection we end ourselves. */
const goodbyeMs = 500;

const setTimer: LinkPorts['setTimer'] = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

/** Asks the system which proxies to take for a host. Rejecting counts as none. */
export type SystemProxies = (host: string, port: number) => Promise<readonly ProxyServer[]>;

const knowsNone: SystemProxies = async () => [];

/** The real ports; a machine without proxies unless somebody knows some. */
export const makePorts = (system: SystemProxies = knowsNone): LinkPorts => ({
  connect,
  resolve: makeResolver(askSystem, setTimer),
  systemProxies(host, port, done) {
    void (async () => done(await system(host, port).catch(() => [])))();
  },
  now: Date.now,
  random: Math.random,
  setTimer,
});

function connect(route: Route, pin: RelayId, events: SocketEvents): SocketLike {
  const attempt = new NodeSocket(events);
  attempt.start(route, pin);
  return attempt;
}

class NodeSocket implements SocketLike {
  readonly #events: SocketEvents;
  #closeTunnel: (() => void) | undefined;
  #tls: TLSSocket | undefined;
  #socket: WebSocket | undefined;
  #isOver = false;

  constructor(events: SocketEvents) {
    this.#events = events;
  }

  start(route: Route, pin: RelayId): void {
    const { host, port, proxy } = route;
    if (proxy === undefined) {
      this.#greet(route, pin, { host, port });
      return;
    }
    this.#closeTunnel = openTunnel(proxy, route, {
      onOpen: (stream) => {
        // While the tunnel was being dug nobody read the stream, so nothing of it was lost.
        if (this.#isOver) stream.destroy();
        else this.#greet(route, pin, { socket: stream });
      },
      onFail: (text) => this.#end('proxy', text),
    });
  }

  /** TLS to the relay itself, whoever carries it. */
  #greet({ address }: Route, pin: RelayId, over: ConnectionOptions & { readonly socket?: Duplex }): void {
    const tls = connectTls({
      ...over,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      servername: '', // who we talk to is not for the network to read, and the pin does not need it
      rejectUnauthorized: false, // no CA is asked; the check below is the only one
    });
    this.#tls = tls;
    tls.on('error', () => this.#end('unreachable', 'the relay cannot be reached'));
    tls.on('close', () => this.#end('unreachable', 'the relay cannot be reached'));
    tls.once('secureConnect', () => {
      if (this.#isOver) return;
      if (pinShownBy(tls) !== pin) {
        this.#end('wrong-pin', 'whoever answers there does not hold the key of this relay');
        return;
      }
      this.#upgrade(tls, `wss://${address}/`);
    });
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  ping(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(): void {
    this.#isOver = true;
    this.#closeTunnel?.();
    // A goodbye if there is time for one; the other side need not answer.
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.close(1000);
    const tls = this.#tls;
    if (tls === undefined) return;
    tls.end();
    setTimeout(() => tls.destroy(), goodbyeMs).unref();
  }

  #upgrade(tls: TLSSocket, url: string): void {
    const socket = new WebSocket(url, {
      createConnection: () => tls,
      perMessageDeflate: false,
      maxPayload: limit.frameBytes,
      handshakeTimeout: limit.handshakeMs,
      followRedirects: false,
    });
    this.#socket = socket;
    socket.on('open', () => {
      if (this.#isOver) return;
      tls.on('data', () => {
        if (!this.#isOver) this.#events.onHeard();
      });
      this.#events.onOpen();
    });
    socket.on('message', (data, isBinary) => {
      if (this.#isOver) return;
      if (isBinary && data instanceof Uint8Array) this.#events.onMessage(data);
      else this.#end('malformed', 'the relay sent something that is not a frame');
    });
    socket.on('error', () => this.#end('lost', 'the connection to the relay broke'));
    socket.on('close', () => this.#end('lost', 'the connection to the relay ended'));
  }

  #end(code: Parameters<SocketEvents['onClose']>[0], text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#closeTunnel?.();
    this.#tls?.destroy();
    this.#events.onClose(code, text);
  }
}

/**
 * The hash of the key the other side proved in this handshake, or undefined. A resumed session proves none, so it
 * counts as none; we offer no session to resume, this only makes sure.
 */
function pinShownBy(tls: TLSSocket): RelayId | undefined {
  const certificate = tls.isSessionReused() ? undefined : tls.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return relayId.of(
    createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest(),
  );
}

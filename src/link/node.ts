/**
 * The real socket of a link: TLS 1.3 with a pinned key, then a websocket over it.
 *
 * Trust comes from the pin alone. The public CA store, names and dates are never looked at, and nothing, not even
 * the HTTP upgrade, is sent before the pin has been checked.
 */
import { createHash } from 'node:crypto';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { CallerFault } from '../wire/fault.ts';
import { type RelayId, relayId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import type { LinkPorts, SocketEvents, SocketLike } from './port.ts';

/** Time for the last bytes of a connection we end ourselves. */
const goodbyeMs = 500;

export const nodePorts: LinkPorts = {
  connect,
  now: Date.now,
  random: Math.random,
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/** `host:port` or `[v6]:port`. Throws `CallerFault('invalid')`. */
export function readAddress(text: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port === 0 || port > 65535)
    throw new CallerFault('invalid', 'a relay address is HOST:PORT or [HOST]:PORT');
  return { host, port };
}

function connect(address: string, pin: RelayId, events: SocketEvents): SocketLike {
  const attempt = new NodeSocket(events);
  attempt.start(address, pin);
  return attempt;
}

class NodeSocket implements SocketLike {
  readonly #events: SocketEvents;
  #tls: TLSSocket | undefined;
  #socket: WebSocket | undefined;
  #isOver = false;

  constructor(events: SocketEvents) {
    this.#events = events;
  }

  start(address: string, pin: RelayId): void {
    const { host, port } = readAddress(address);
    const tls = connectTls({
      host,
      port,
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
      if (!this.#isOver) this.#events.onOpen();
    });
    socket.on('message', (data, isBinary) => {
      if (this.#isOver) return;
      if (isBinary && data instanceof Uint8Array) this.#events.onMessage(data);
      else this.#end('malformed', 'the relay sent something that is not a frame');
    });
    socket.on('pong', () => {
      if (!this.#isOver) this.#events.onPong();
    });
    socket.on('error', () => this.#end('lost', 'the connection to the relay broke'));
    socket.on('close', () => this.#end('lost', 'the connection to the relay ended'));
  }

  #end(code: Parameters<SocketEvents['onClose']>[0], text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
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

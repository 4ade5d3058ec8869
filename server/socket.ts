/**
 * The sockets of one relay: who is connected, who is still a stranger, who answers. It takes a websocket from the
 * handshake to its end, and holds the bounds on how many there may be.
 *
 * It must never keep anything of a socket after its end but what its device used up, and never let one device or
 * one stranger keep another out.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Bytes } from '../src/wire/bytes.ts';
import type { RefusalCode } from '../src/wire/frame.ts';
import type { AccessKey, OrgId } from '../src/wire/id.ts';
import { hostOf, Tally } from './address.ts';
import { Corks } from './cork.ts';
import type { Entrant, Gate } from './gate.ts';
import type { Hub } from './hub.ts';
import type { RelayLimits } from './limit.ts';
import { Session, type SessionParts, type Usage, usage, type Where, type Wire } from './session.ts';
import type { Store } from './storage.ts';

export interface SocketsConfig {
  readonly gate: Gate;
  readonly hub: Hub;
  readonly store: Store;
  readonly limits: RelayLimits;
  now(): number;
  onRefused(code: RefusalCode, error: unknown, where?: Where): void;
}

export class Sockets {
  readonly #parts: SessionParts;
  readonly #sessions = new Map<WebSocket, Session>();
  /** Not admitted yet, the oldest first. */
  readonly #strangers = new Map<Session, { readonly host: string | undefined; readonly entrance: NodeJS.Timeout }>();
  readonly #strangersOf = new Tally();
  /** Admitted sockets, the oldest first. */
  readonly #devices = new Map<AccessKey, Set<Session>>();
  readonly #corks = new Corks();
  readonly #usages = new Map<AccessKey, Usage>();
  readonly #pinging: NodeJS.Timeout;

  // The same for all sockets, and not made for each: thousands of them sit idle.
  readonly #onMessage: (this: WebSocket, data: RawData, isBinary: boolean) => void;
  readonly #onClose: (this: WebSocket) => void;

  constructor(config: SocketsConfig) {
    const sessions = this.#sessions;
    this.#onMessage = function (data, isBinary) {
      const session = sessions.get(this);
      if (isBinary && data instanceof Uint8Array) void session?.receive(data);
      else session?.refuseMessage();
    };
    const drop = (socket: WebSocket) => this.#drop(socket);
    this.#onClose = function () {
      drop(this);
    };
    this.#parts = { ...config, onEnter: (session, entrant) => this.#enter(session, entrant) };
    this.#pinging = setInterval(() => this.#ping(), config.limits.pingMs);
  }

  /** Sockets that are open, strangers among them. */
  get count(): number {
    return this.#sessions.size;
  }

  /** Those of them that have not proved themselves. */
  get strangerCount(): number {
    return this.#strangers.size;
  }

  /**
   * Takes over an opened socket. `address`: of the peer, undefined when a proxy stands between and all share one.
   * `stream`: what the socket writes to.
   */
  attend(socket: WebSocket, address: string | undefined, stream: Socket): void {
    const { limits } = this.#parts;
    const host = hostOf(address);
    const session = new Session(this.#parts, new SocketWire(socket, limits.closeGraceMs, address, stream, this.#corks));
    if (this.#strangersOf.of(host) >= limits.strangersPerAddress) {
      socket.on('error', terminate);
      session.end('busy');
      return;
    }
    const entrance = setTimeout(() => {
      if (session.entrant === undefined) session.end('wrong-order');
    }, limits.handshakeMs);
    this.#sessions.set(socket, session);
    this.#strangers.set(session, { host, entrance });
    this.#strangersOf.add(host, 1);
    const [oldest] = this.#strangers.keys();
    if (this.#strangers.size > limits.strangers && oldest !== undefined) {
      this.#forget(oldest);
      oldest.end('busy');
    }
    socket.on('message', this.#onMessage);
    socket.on('error', terminate); // oversize and broken frames; ws has said why already
    socket.on('close', this.#onClose);
  }

  #drop(socket: WebSocket): void {
    const session = this.#sessions.get(socket);
    if (session === undefined) return;
    session.gone();
    this.#forget(session);
    this.#sessions.delete(socket);
    const { entrant } = session;
    const same = entrant === undefined ? undefined : this.#devices.get(entrant.access);
    same?.delete(session);
    if (entrant !== undefined && same?.size === 0) this.#devices.delete(entrant.access);
  }

  /** No stranger any more: inside, or gone. */
  #forget(session: Session): void {
    const stranger = this.#strangers.get(session);
    if (stranger === undefined) return;
    this.#strangers.delete(session);
    clearTimeout(stranger.entrance);
    this.#strangersOf.add(stranger.host, -1);
  }

  /** Ends the sockets of devices that the list in force no longer has. */
  revoke(org: OrgId, isAdmitted: (access: AccessKey) => boolean): void {
    for (const session of [...this.#sessions.values()]) {
      const { entrant } = session;
      if (entrant === undefined || entrant.org !== org || isAdmitted(entrant.access)) continue;
      this.#usages.delete(entrant.access);
      session.end('not-admitted');
    }
  }

  /** The relay stops: says goodbye to everyone, and takes nobody on. */
  leave(): void {
    clearInterval(this.#pinging);
    for (const session of [...this.#sessions.values()]) session.leave();
  }

  #enter(session: Session, { access }: Entrant): Usage {
    const { limits } = this.#parts;
    this.#forget(session);
    const same = this.#devices.get(access) ?? new Set();
    this.#devices.set(access, same);
    let over = same.size + 1 - limits.connectionsPerDevice;
    for (const ghost of same) {
      if (over-- <= 0) break;
      ghost.end('busy');
    }
    same.add(session);
    const known = this.#usages.get(access) ?? usage(limits, this.#parts.now());
    this.#usages.set(access, known);
    return known;
  }

  #ping(): void {
    for (const [socket, session] of this.#sessions) {
      if (!session.wasHeard()) socket.terminate();
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}

function terminate(this: WebSocket): void {
  this.terminate();
}

/** A class and no closures: one is made for every connection, and thousands of them sit idle. */
class SocketWire implements Wire {
  readonly address: string | undefined;
  readonly #socket: WebSocket;
  readonly #graceMs: number;
  readonly #stream: Socket;
  readonly #corks: Corks;

  constructor(socket: WebSocket, graceMs: number, address: string | undefined, stream: Socket, corks: Corks) {
    this.address = address;
    this.#socket = socket;
    this.#graceMs = graceMs;
    this.#stream = stream;
    this.#corks = corks;
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get heardBytes(): number {
    return this.#stream.bytesRead;
  }

  send(bytes: Bytes, onTaken: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#corks.send(this.#stream, bytes, onTaken);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    const cutting = setTimeout(() => this.#socket.terminate(), this.#graceMs);
    this.#socket.once('close', () => clearTimeout(cutting));
  }

  cut(): void {
    this.#socket.terminate();
  }
}

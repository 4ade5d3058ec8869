/**
 * The sockets of one relay: who is connected, who is still a stranger, who answers. It takes a websocket from the
 * handshake to its end, and holds the bounds on how many there may be.
 *
 * It must never keep anything of a socket after its end but what its device used up, and never let one device or
 * one stranger keep another out.
 */
import type { WebSocket } from 'ws';
import type { RefusalCode } from '../src/wire/frame.ts';
import type { AccessKey, OrgId } from '../src/wire/id.ts';
import type { Entrant, Gate } from './gate.ts';
import type { Hub } from './hub.ts';
import type { RelayLimits } from './limit.ts';
import { Session, type SessionParts, type Usage, usage, type Wire } from './session.ts';
import type { Store } from './storage.ts';

export interface SocketsConfig {
  readonly gate: Gate;
  readonly hub: Hub;
  readonly store: Store;
  readonly limits: RelayLimits;
  now(): number;
  onRefused(code: RefusalCode, error: unknown): void;
}

export class Sockets {
  readonly #parts: SessionParts;
  readonly #sessions = new Set<Session>();
  readonly #strangers = new Set<Session>();
  readonly #usages = new Map<AccessKey, Usage>();
  /** Whether it has been heard of since it was last asked. */
  readonly #answering = new Map<WebSocket, boolean>();
  readonly #pinging: NodeJS.Timeout;

  constructor(config: SocketsConfig) {
    this.#parts = { ...config, onEnter: (session, entrant) => this.#enter(session, entrant) };
    this.#pinging = setInterval(() => this.#ping(), config.limits.pingMs);
  }

  /** Sockets that are open, strangers among them. */
  get count(): number {
    return this.#sessions.size;
  }

  /** Takes over an opened socket. `address`: of the peer, undefined when a proxy stands between and all share one. */
  attend(socket: WebSocket, _address: string | undefined): void {
    const { limits } = this.#parts;
    const session = new Session(this.#parts, wireOf(socket, limits.closeGraceMs));
    const entrance = setTimeout(() => {
      if (session.entrant === undefined) session.end('wrong-order');
    }, limits.handshakeMs);
    this.#sessions.add(session);
    this.#strangers.add(session);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > limits.strangers && oldest !== undefined) {
      this.#strangers.delete(oldest);
      oldest.end('busy');
    }
    this.#answering.set(socket, true);
    socket.on('message', (data, isBinary) => {
      this.#answering.set(socket, true);
      if (isBinary && data instanceof Uint8Array) void session.receive(data);
      else session.refuseMessage();
    });
    socket.on('pong', () => this.#answering.set(socket, true));
    socket.on('error', () => socket.terminate()); // oversize and broken frames; ws has said why already
    socket.on('close', () => {
      clearTimeout(entrance);
      session.gone();
      this.#sessions.delete(session);
      this.#strangers.delete(session);
      this.#answering.delete(socket);
    });
  }

  /** Ends the sockets of devices that the list in force no longer has. */
  revoke(org: OrgId, isAdmitted: (access: AccessKey) => boolean): void {
    for (const session of [...this.#sessions]) {
      const { entrant } = session;
      if (entrant === undefined || entrant.org !== org || isAdmitted(entrant.access)) continue;
      this.#usages.delete(entrant.access);
      session.end('not-admitted');
    }
  }

  /** The relay stops: says goodbye to everyone, and takes nobody on. */
  leave(): void {
    clearInterval(this.#pinging);
    for (const session of [...this.#sessions]) session.leave();
  }

  #enter(session: Session, { org, access }: Entrant): Usage {
    const { limits } = this.#parts;
    this.#strangers.delete(session);
    const same = [...this.#sessions].filter(
      (each) => each !== session && each.entrant?.org === org && each.entrant.access === access,
    );
    for (const ghost of same.slice(0, Math.max(0, same.length + 1 - limits.connectionsPerDevice))) ghost.end('busy');
    const known = this.#usages.get(access) ?? usage(limits, this.#parts.now());
    this.#usages.set(access, known);
    return known;
  }

  #ping(): void {
    for (const [socket, isAnswering] of this.#answering) {
      if (!isAnswering) socket.terminate();
      this.#answering.set(socket, false);
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}

function wireOf(socket: WebSocket, graceMs: number): Wire {
  return {
    get waitingBytes() {
      return socket.bufferedAmount;
    },
    send(bytes, onTaken) {
      if (socket.readyState === socket.OPEN) socket.send(bytes, onTaken);
    },
    close(code, reason) {
      socket.close(code, reason);
      const cutting = setTimeout(() => socket.terminate(), graceMs);
      socket.once('close', () => clearTimeout(cutting));
    },
    cut: () => socket.terminate(),
  };
}

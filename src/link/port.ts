/** What a link needs from outside. The real ones are in node.ts; tests and the simulation bring their own. */
import type { Bytes } from '../wire/bytes.ts';
import type { PeerCode, RefusedCode } from '../wire/fault.ts';
import type { RelayId } from '../wire/id.ts';
import type { Place } from './address.ts';
import type { ProxyServer } from './proxy.ts';

/** One connection attempt and, if it succeeds, the connection. */
export interface SocketLike {
  send(bytes: Bytes): void;
  /** Asks the other side for a sign of life; the answer is `onHeard`. */
  ping(): void;
  /** Ends it now. No event follows. */
  close(): void;
  /** Bytes not yet taken by the network. */
  readonly bufferedBytes: number;
}

export interface SocketEvents {
  /** Connected, and the other side has proved that it holds the pinned key. */
  onOpen(): void;
  onMessage(bytes: Bytes): void;
  /** Bytes came, if only a part of a message: on a slow line a message can take longer than a silence may. */
  onHeard(): void;
  /** Once, for every end that `close()` did not ask for, including a failed attempt. */
  onClose(code: DownCode, text: string): void;
}

/**
 * Why a link is down: `unreachable` and `lost` are the network, `proxy` is a proxy that could not or would not carry
 * us, `timeout` silence, the others an answer.
 */
export type DownCode = 'unreachable' | 'lost' | 'proxy' | 'timeout' | 'closed' | PeerCode | RefusedCode;

/** One way to a relay. */
export interface Route extends Place {
  /** What the muster list says: `host:port`. */
  readonly address: string;
  /** `host` is an IP address then only if the list has one: the proxy asks for names. */
  readonly proxy?: ProxyServer;
}

export interface LinkPorts {
  /**
   * Connects by one way. Must not send a byte to the relay beyond the TLS handshake before the key the other side
   * proved is the pinned one; a wrong key is `onClose('wrong-pin')`. Events never come before it has returned.
   */
  connect(route: Route, pin: RelayId, events: SocketEvents): SocketLike;
  /** IP addresses of a name, in the order the system would take; none if nobody knows it. `done` comes once, now or later. */
  resolve(name: string, done: (addresses: readonly string[]) => void): void;
  /** The proxies the system wants used for this host, the best first. `done` comes once, now or later. */
  systemProxies(host: string, port: number, done: (proxies: readonly ProxyServer[]) => void): void;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms`; the result cancels. */
  setTimer(ms: number, fire: () => void): () => void;
  /** In [0, 1). For jitter only. */
  random(): number;
}

/** What a link needs from outside. The real ones are in node.ts; tests and the simulation bring their own. */
import type { Bytes } from '../wire/bytes.ts';
import type { PeerCode, RefusedCode } from '../wire/fault.ts';
import type { RelayId } from '../wire/id.ts';

/** One connection attempt and, if it succeeds, the connection. */
export interface SocketLike {
  send(bytes: Bytes): void;
  /** Asks the other side for a sign of life; the answer is `onPong`. */
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
  onPong(): void;
  /** Once, for every end that `close()` did not ask for, including a failed attempt. */
  onClose(code: DownCode, text: string): void;
}

/** Why a link is down: `unreachable` and `lost` are the network, `timeout` silence, the others an answer. */
export type DownCode = 'unreachable' | 'lost' | 'timeout' | 'closed' | PeerCode | RefusedCode;

export interface LinkPorts {
  /**
   * Connects to `address` (`host:port`). Must not send a byte beyond the TLS handshake before the key the other
   * side proved is the pinned one; a wrong key is `onClose('wrong-pin')`. Events never come before it has returned.
   */
  connect(address: string, pin: RelayId, events: SocketEvents): SocketLike;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms`; the result cancels. */
  setTimer(ms: number, fire: () => void): () => void;
  /** In [0, 1). For jitter only. */
  random(): number;
}

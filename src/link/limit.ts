/** Every time and size of a link, with its reason. */
export const linkLimit = {
  /** Wait before the first new try: a relay that restarts or a network that changed is back in a moment. */
  firstRetryMs: 200,
  /** Longest wait between tries: a responder in an incident must not wait longer for a relay that came back. */
  retryCapMs: 30_000,
  /** Wait before the next way to the same relay is begun beside those that have not answered (RFC 8305 section 8). */
  staggerMs: 250,
  /** How long ways that are known wait for a better one that is being asked for: a name, a proxy of the system. */
  patienceMs: 50,
  /** Ways begun in one try: a name with a thousand addresses must not become a thousand connections. */
  routesPerRace: 16,
  /** Of which by one address of the list in one way. */
  routesPerLane: 8,
  /** Shortest wait after a refusal that trying again soon will not change: wrong key, not admitted, no version in common. */
  refusedRetryMs: 5_000,
  /** A connection that lasted this long was a success: the waits begin small again. Shorter ones would make a hot loop. */
  stableMs: 5_000,
  /** From the first packet to welcome. */
  handshakeMs: 10_000,
  /** How often the relay is asked for a sign of life, and given one. */
  pingMs: 15_000,
  /** Silence beyond that; then the connection counts as dead, whatever TCP believes. */
  pongMs: 10_000,
  /** The same when the network has just changed: most likely the connection is dead, and a new one costs little. */
  wakePongMs: 3_000,
  /** Bytes waiting in the socket from which on `send` says no: the outbox in the vault is the queue, not memory. */
  outgoingBytes: 8 * 1024 * 1024,
} as const;

/** The part of a wait that chance decides: without it, all devices of a dead relay come back in the same instant. */
const jitter = 0.5;

/** Wait before try number `failures` (1 is the first new one); `random` in [0, 1). */
export function retryMs(failures: number, random: number): number {
  const fullMs = Math.min(linkLimit.retryCapMs, linkLimit.firstRetryMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(fullMs * (1 - jitter * random));
}

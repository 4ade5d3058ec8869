/**
 * Every bound of this relay, with its reason. The bounds both sides must agree on stand in src/wire/limit.ts;
 * these are the relay's own business. A run may override any of them (`RelayConfig.limits`); nothing else in
 * `server/` may carry a number that bounds something.
 */
import { limit } from '../src/wire/limit.ts';

export interface RelayLimits {
  /** TCP connections in all, so that file descriptors and TLS buffers (~60 KB each) stay bounded. */
  readonly connections: number;
  /** Sockets not admitted yet. The oldest gives way, so that strangers who say nothing cannot keep devices out. */
  readonly strangers: number;
  /** Connections of one address (a /64 of IPv6), and never more than half of all, so that one host cannot take all there are: an organisation behind one router fits. */
  readonly connectionsPerAddress: number;
  /** Of those, open and not admitted yet. The newest is turned away: whoever is in the middle of the handshake gets through. */
  readonly strangersPerAddress: number;
  /** Time from connecting to a valid proof: somebody who dawdles holds a socket for no longer. */
  readonly handshakeMs: number;
  /** Sockets of one device. The oldest gives way: a device must never be locked out by its own half-open ghosts. */
  readonly connectionsPerDevice: number;
  /** Admission lists looked at from devices not admitted yet, per second, for the whole relay: each costs up to 15 signature checks. */
  readonly strangerListsPerSecond: number;
  /** Frames of one device, per second and at once: a flood costs decoding and nothing more. */
  readonly framesPerSecond: number;
  readonly framesAtOnce: number;
  /** Envelopes of one device. At once: the grants of an epoch for 500 devices, and a refill of a relay that lost its disk. */
  readonly envelopesPerSecond: number;
  readonly envelopesAtOnce: number;
  /** Bytes of one device, appended or cast. At once: one attachment of 25 MB without a pause. */
  readonly bytesPerSecond: number;
  readonly bytesAtOnce: number;
  /** Topics one socket may tail: 200 rooms with some topics each, and the inbox. */
  readonly topicsPerConnection: number;
  /** Appended bytes waiting for the next commit, all devices together; beyond that the relay is `busy`. */
  readonly pendingBytes: number;
  /** One page of a backlog read and one deliver frame: below frameBytes with its framing. */
  readonly pageBytes: number;
  /** Bytes waiting in one socket from which on backlog and live envelopes wait on disk instead, and casts are dropped. */
  readonly outgoingBytes: number;
  /** Bytes waiting in one socket from which on it is cut: it asks and never reads the answers. */
  readonly outgoingCutBytes: number;
  /** Kept bytes of one organisation; its admission list may ask for less, never for more. */
  readonly orgBytes: number;
  /** Kept bytes of one topic; the oldest envelopes go first, so one topic cannot eat the organisation's share. */
  readonly topicBytes: number;
  /** Kept time: a device that slept for half a year still finds its backlog. */
  readonly ageMs: number;
  /** Envelopes looked at by one sweep for age, so that a sweep never holds up an append for long. */
  readonly sweepItems: number;
  readonly sweepMs: number;
  /** How often a socket is asked for a sign of life; one from which not a byte came by the next asking is cut. */
  readonly pingMs: number;
  /** Time a socket gets to read why it is closed. Revocation must be over within a second. */
  readonly closeGraceMs: number;
}

const MiB = 1024 * 1024;

export const relayLimits: RelayLimits = {
  connections: 4096,
  strangers: 512,
  connectionsPerAddress: 2048,
  strangersPerAddress: 256,
  handshakeMs: limit.handshakeMs,
  connectionsPerDevice: 4,
  strangerListsPerSecond: 10,
  framesPerSecond: 500,
  framesAtOnce: 5000,
  envelopesPerSecond: 500,
  envelopesAtOnce: 20_000,
  bytesPerSecond: 8 * MiB,
  bytesAtOnce: 64 * MiB,
  topicsPerConnection: 4096,
  pendingBytes: 128 * MiB,
  pageBytes: MiB / 2,
  outgoingBytes: MiB,
  outgoingCutBytes: 16 * MiB,
  orgBytes: 4096 * MiB,
  topicBytes: 512 * MiB,
  ageMs: 180 * 24 * 3_600_000,
  sweepItems: 500,
  sweepMs: 60_000,
  pingMs: 20_000,
  closeGraceMs: 500,
};

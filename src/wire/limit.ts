/**
 * Every bound of the conversation between a device and a relay, with its reason. Both sides use these, so a
 * device never makes what a relay must refuse. What one relay allows one device (rates, quotas) is the relay's
 * own business and stands in `server/limit.ts`.
 */
export const limit = {
  /** One websocket message. An admission list of 5,000 devices (160 KB) and a batch of envelopes fit. */
  frameBytes: 1024 * 1024,
  /** One envelope: an attachment chunk of 64 KiB with padding and frame, and room to spare. */
  envelopeBytes: 128 * 1024,
  /** The least an envelope can be: header, nonce, commitment, tag and 256 padded bytes. */
  envelopeMinBytes: 32,
  /** Envelopes in one append: the grants of an epoch for 500 devices. */
  itemsPerAppend: 512,
  /** Envelopes in one delivery. */
  itemsPerDelivery: 512,
  /** An unstored cast: call signalling, who-has-what vectors for 500 devices. */
  castBytes: 64 * 1024,
  /** A signed admission list. */
  admissionBytes: 512 * 1024,
  /** Protocol versions a device may offer. */
  versions: 8,
  /** Sentence of a refusal. */
  textBytes: 200,
  /** Time from connecting to a valid proof, before the relay hangs up. */
  handshakeMs: 10_000,
} as const;

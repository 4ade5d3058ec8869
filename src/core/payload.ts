/**
 * What a sealed packet carries: grants, requests for them, what a newcomer needs to make sense of a grant, and entries
 * that somebody misses. These go to one device and not to the room: what it may have, another in the room may not.
 */
import type { Bytes } from '../wire/bytes.ts';
import { type Coded, decode, encode, field, list, maybe, rawBytes, record, variant } from '../wire/cbor.ts';
import { maxEntryBytes } from './entry.ts';
import { grant } from './epoch.ts';
import { roomId } from './id.ts';
import { need } from './need.ts';
import { maxGenesisBytes } from './room.ts';

/** Operations in one packet. */
export const maxLogEntries = 128;

const payload = variant({
  grant: [1, grant],
  need: [2, need],
  /** Operations of a room, each signed by its author, so that a grant that names them can be judged (rule R1). */
  log: [
    3,
    record({
      room: field(1, roomId),
      genesis: maybe(2, rawBytes({ max: maxGenesisBytes })),
      entries: field(3, list(rawBytes({ max: maxEntryBytes }), maxLogEntries)),
    }),
  ],
  /** Entries somebody misses, as their authors signed them. */
  give: [4, record({ room: field(1, roomId), entries: field(2, list(rawBytes({ max: maxEntryBytes }), 512)) })],
});
export type Payload = Coded<typeof payload>;

export const encodePayload = (value: Payload): Bytes => encode(payload, value);
/** Throws `PeerFault('malformed')`. */
export const readPayload = (bytes: Bytes): Payload => decode(payload, bytes);

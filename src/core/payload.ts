/** What a sealed packet carries: grants, requests for them, and what a newcomer needs to make sense of a grant. */
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
});
export type Payload = Coded<typeof payload>;

export const encodePayload = (value: Payload): Bytes => encode(payload, value);
/** Throws `PeerFault('malformed')`. */
export const readPayload = (bytes: Bytes): Payload => decode(payload, bytes);

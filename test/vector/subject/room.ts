/** Readings of what devices of a room sign and seal. */
import { checkChunk, fileTopic, openChunk, readIndex, sealChunk } from '../../../src/core/attachment.ts';
import { digestOfFeeds, markRoom, readBeacon } from '../../../src/core/beacon.ts';
import { encodeBody, readBody } from '../../../src/core/body.ts';
import { readEntry, readSkeleton, type Skeleton, stripEntry } from '../../../src/core/entry.ts';
import { openEnvelope, readHave, readWant } from '../../../src/core/envelope.ts';
import { acceptGrant, isFor, messageKey, restoreEpoch, type SendFacts } from '../../../src/core/epoch.ts';
import { proveFork, readFork } from '../../../src/core/fork.ts';
import { deviceId, type EntryId, entryId, fileId, prekeyId, roomId } from '../../../src/core/id.ts';
import { readNeed } from '../../../src/core/need.ts';
import { openPacket, type Pair } from '../../../src/core/packet.ts';
import { encodePayload, readPayload } from '../../../src/core/payload.ts';
import { isNewer, readPrekey, restorePrekey } from '../../../src/core/prekey.ts';
import { Secret } from '../../../src/core/secret.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import type { Bytes } from '../../../src/wire/bytes.ts';
import { decode, field, rawBytes, record } from '../../../src/wire/cbor.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { bytes, type Input, isRuns, items, type Json, number, rosterOf, same, signKeysIn, text } from './input.ts';

const roomIn = (input: Input) => roomId.parse(text(input, 'room'));

/** Prekeys of the reader: the public record and the seed. */
const ownIn = (input: Input) =>
  items(input, 'prekeys').map((own) => restorePrekey(bytes(own as Input, 'record'), bytes(own as Input, 'seed')));

/** Encapsulations the reader kept. */
const pairsIn = (input: Input): ReadonlyMap<string, Pair> =>
  new Map(
    items(input, 'pairs').map((each) => {
      const pair = each as Input;
      const secret = new Secret('pair', bytes(pair, 'secret'));
      return [text(pair, 'ref'), { prekey: prekeyId.parse(text(pair, 'prekey')), secret }];
    }),
  );

/** A room by a table: which operations are here, and which devices those that are named give. */
function grantFactsIn(input: Input): SendFacts {
  const key = (control: readonly EntryId[]) => control.join(' ');
  const table = new Map(
    items(input, 'rosterAt').map((row) => {
      const [control, roster] = row as readonly [readonly string[], Json];
      return [control.join(' '), rosterOf(roster)] as const;
    }),
  );
  const known = new Set(items(input, 'known').map((id) => entryId.parse(String(id))));
  return {
    room: roomIn(input),
    control: [],
    listVersion: number(input, 'listVersion'),
    roster: rosterOf(input['roster']),
    isKnown: (operation) => known.has(operation),
    rosterAt(control) {
      const roster = table.get(key(control));
      if (roster === undefined) throw new Error('the vector does not say what these operations give');
      return roster;
    },
    // What was done since is in the vectors of whole scenarios; here nothing was.
    hasOnlyGrownSince: () => true,
  };
}

const proofShape = record({ first: field(1, rawBytes({ max: 4096 })), second: field(2, rawBytes({ max: 4096 })) });

/** What an entry says on the wire, and nothing of how it is kept. */
export const saidBy = (
  { id, device, seq, previous, heads, timeMs, control }: Skeleton,
  content?: { readonly salt: Bytes; readonly body: Bytes },
) => ({ id, device, seq, previous, heads, timeMs, control, salt: content?.salt, body: content?.body });

export const roomSubjects = {
  prekey(input: Input) {
    const device = { id: deviceId.parse(text(input, 'device')), signKey: bytes(input, 'signKey') };
    const prekey = readPrekey(bytes(input, 'prekey'), device);
    if (input['known'] === undefined) return prekey;
    return { id: prekey.id, isNewer: isNewer(prekey, readPrekey(bytes(input, 'known'), device)) };
  },
  packet(input: Input) {
    const recipient = deviceId.parse(text(input, 'recipient'));
    const { payload, ref, pair } = openPacket(bytes(input, 'packet'), ownIn(input), pairsIn(input), recipient);
    return { payload, ref, prekey: pair.prekey, secret: pair.secret.open() };
  },
  payload(input: Input) {
    const payload = readPayload(bytes(input, 'payload'));
    same(encodePayload(payload), bytes(input, 'payload'));
    return isRuns(input['payload']) ? { type: payload.type } : payload;
  },
  /** A body that cannot be read is kept and shown as unknown: the entry is sound. Here that is `malformed`. */
  body(input: Input) {
    const body = readBody(bytes(input, 'body'));
    if (body === undefined) throw new PeerFault('malformed', 'shown as unknown');
    same(encodeBody(body), bytes(input, 'body'));
    return isRuns(input['body']) ? { type: body.type } : body;
  },
  entry(input: Input) {
    const [room, keys] = [roomIn(input), signKeysIn(input)];
    const isWhole = text(input, 'as') === 'entry';
    const entry = isWhole ? readEntry(bytes(input, 'entry'), room, keys) : undefined;
    const header = entry ?? readSkeleton(bytes(input, 'entry'), room, keys);
    const bare = readSkeleton(stripEntry(header.bytes), room, keys);
    if (bare.id !== header.id) throw new Error('an entry without its content has another id');
    return isRuns(input['entry']) ? { id: header.id } : { ...saidBy(header, entry), skeleton: bare.bytes };
  },
  /** `made`: the proof as it is made from the two entries, whichever comes first. */
  fork(input: Input) {
    const proof = bytes(input, 'proof');
    const fork = readFork(proof, roomIn(input), signKeysIn(input));
    const { first, second } = decode(proofShape, proof);
    const made = proveFork(first, second, roomIn(input), signKeysIn(input));
    same(proveFork(second, first, roomIn(input), signKeysIn(input)), made);
    return { ...fork, made };
  },
  /** A grant as it comes in a packet. `isFor`: whether the room may be written to in it. */
  grant(input: Input) {
    const payload = readPayload(bytes(input, 'payload'));
    if (payload.type !== 'grant') throw new Error('not a grant');
    const facts = grantFactsIn(input);
    const epoch = acceptGrant(payload, facts, prekeyId.parse(text(input, 'to')));
    const { id, tag, bucket, device, listVersion, control, openedAtMs } = epoch;
    const keys = [0, 1, 3].map((ahead) => messageKey(epoch, bucket + ahead));
    return { id, tag, bucket, device, listVersion, control, openedAtMs, keys, isFor: isFor(epoch, facts) };
  },
  need: (input: Input) =>
    readNeed({ body: bytes(input, 'body'), signature: bytes(input, 'signature') }, signKeysIn(input)),
  /** A chunk, sealed as everyone who has it seals it, and opened again. */
  file(input: Input) {
    const facts = {
      file: fileId.parse(text(input, 'file')),
      salt: bytes(input, 'salt'),
      key: bytes(input, 'key'),
      size: number(input, 'size'),
    };
    const chunk = { number: number(input, 'number'), bytes: bytes(input, 'bytes') };
    const envelope = sealChunk(facts, { leaves: bytes(input, 'index') }, chunk);
    const opened = openChunk(facts, envelope);
    if (opened.number === 0) readIndex(facts, opened.bytes);
    else checkChunk(facts, readIndex(facts, bytes(input, 'index')), opened);
    const [header, nonce] = [envelope.subarray(0, 6), envelope.subarray(6, 30)];
    return { topic: fileTopic(facts), header, nonce, envelope: idOfEnvelope(envelope) };
  },
  envelope: (input: Input) =>
    openEnvelope(
      restoreEpoch(bytes(input, 'announcement'), number(input, 'bucket'), bytes(input, 'secret')),
      bytes(input, 'envelope'),
    ),
  have(input: Input) {
    const frame = { type: 'have', body: bytes(input, 'body'), signature: bytes(input, 'signature') } as const;
    const have = readHave(frame, roomIn(input), signKeysIn(input));
    return isRuns(input['body']) ? { device: have.device, spans: have.spans.length } : have;
  },
  beacon(input: Input) {
    const frame = { type: 'beacon', body: bytes(input, 'body'), signature: bytes(input, 'signature') } as const;
    const beacon = readBeacon(frame, roomIn(input), signKeysIn(input));
    if (isRuns(input['body'])) return { device: beacon.device, marks: beacon.marks.length };
    // The one mark it has is of a room of which three entries of its author are held.
    const { pair: heldPair, readPair } = markRoom(beacon, roomIn(input), digestOfFeeds([[beacon.device, 3]]));
    const pair = input['isRead'] === true ? readPair : heldPair;
    for (const [mark, held] of beacon.marks) {
      same(mark, pair[0]);
      same(held, pair[1]);
    }
    return beacon;
  },
  want(input: Input) {
    const frame = { type: 'want', body: bytes(input, 'body'), signature: bytes(input, 'signature') } as const;
    const want = readWant(frame, roomIn(input), signKeysIn(input));
    return isRuns(input['body']) ? { device: want.device, ranges: want.ranges.length } : want;
  },
};

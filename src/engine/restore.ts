/** A device's state from what its vault holds: the same whether it is the first start or the thousandth. */
import { fileTopic } from '../core/attachment.ts';
import { readBody } from '../core/body.ts';
import { missingIn } from '../core/control.ts';
import { type Entry, reopenEntry } from '../core/entry.ts';
import { restoreEpoch } from '../core/epoch.ts';
import type { DeviceId, RoomId } from '../core/id.ts';
import type { MusterList } from '../core/list.ts';
import { type Prekey, readPrekey } from '../core/prekey.ts';
import { drillRoom, inboxOf, orgRoom, type RoomInfo, readRoom } from '../core/room.ts';
import { isVoid } from '../core/standing.ts';
import { hex } from '../wire/bytes.ts';
import { Broken } from '../wire/fault.ts';
import type { TopicId } from '../wire/id.ts';
import { drillOf, noteDrillEntry } from './drill.ts';
import { fetchOf } from './fetch.ts';
import { isEverywhere } from './outbox.ts';
import { judged, makeRoomState, withEntry, withOperation } from './room.ts';
import type { HeldPrekey, Parcel, Row, Snapshot } from './row.ts';
import { spotOf } from './seen.ts';
import type { FileState, RelayState, RoomState, Self, State } from './state.ts';
import { noteVerified } from './verified.ts';

/** Signed entries of a room as they are kept, in the order they came. */
export type EntriesOf = (room: RoomId) => readonly Uint8Array[];

/** The state, and rows for what is new in it: rooms that follow from a list this vault sees for the first time. */
export function restore(
  self: Self,
  list: MusterList,
  from: Snapshot,
  entriesOf: EntriesOf,
): { readonly state: State; readonly rows: readonly Row[] } {
  const stored = from.rooms.map((row) => readRoom(row.genesis, list));
  const following = [orgRoom(list), ...list.drills.map((plan) => drillRoom(list, plan))];
  const known = new Set(stored.map((info) => info.id));
  const added = following.filter((info) => !known.has(info.id));
  const rooms = new Map([...stored, ...added].map((info) => [info.id, restoreRoom(info, list, from, self.device)]));
  const relays = new Map(list.relays.map((relay) => [relay.id, restoreRelay(relay.id, from)]));
  // A list may name fewer relays than the one before: what the others have is owed to nobody any more.
  const isOwed = ({ held }: Parcel): boolean => !isEverywhere(held, relays.keys());
  const owed = from.parcels.filter(isOwed);
  // The prekey that was made with the device is kept like those that come after it, so that it can be erased like them.
  const first = from.prekeys.length > 0 ? [] : self.prekeys.map((prekey): HeldPrekey => ({ ...prekey, opened: 0 }));
  const state: State = {
    self,
    list,
    relays,
    rooms,
    topics: new Map([...rooms.values()].map((room): [TopicId, RoomId] => [room.info.topic, room.info.id])),
    inbox: inboxOf(list, self.device),
    outbox: new Map(owed.map((parcel) => [parcel.id, parcel])),
    parked: new Map(from.parked.map(({ id, topic, bytes }) => [spotOf(topic, id), { topic, bytes }])),
    seen: [new Set(from.parcels.map(({ topic, id }) => spotOf(topic, id)))],
    drills: new Map(list.drills.map((plan) => [plan.id, drillOf(list, plan)])),
    prekeys: [...first, ...from.prekeys].sort((a, b) => a.seq - b.seq),
    known: new Map(from.known.flatMap((row) => knownPrekey(row, list))),
    outgoing: new Map(),
    pairs: new Map(from.pairs.map((row) => [row.ref, row.pair])),
    answered: new Map(),
    verified: new Map(),
    files: new Map(from.files.map((note) => [note.entry, fileState(note)])),
    carries: new Map(),
    fileBytes: from.fileBytes,
    sweptAtMs: 0,
    boot: '',
    beacon: { quiet: 0, changedMs: 0, chance: 0 },
    boots: new Set(from.boots.map(({ token }) => hex(token))),
    ...(from.retired === undefined ? {} : { retiredAtMs: from.retired.atMs }),
    nextRef: 1,
  };
  return {
    state: from.notable
      .filter(({ room }) => rooms.get(room)?.info.kind === 'org')
      .map(({ room, bytes }) => readStored(bytes, room))
      .concat([...state.drills.values()].flatMap(({ room }) => entriesOf(room).map((bytes) => readStored(bytes, room))))
      .reduce(refold, state),
    rows: [
      ...added.map((info) => ({ type: 'room', room: info.id, genesis: info.genesis }) as const),
      ...first.map((prekey) => ({ type: 'own-prekey', prekey }) as const),
      ...from.parcels
        .filter((parcel) => !isOwed(parcel))
        .map(({ id, isKept }) => ({ type: 'parcel-done', id, isKept }) as const),
    ],
  };
}

/** One that is fetched goes on from what is here, as soon as a link is up. */
function fileState({ isWanted, here, ...note }: Snapshot['files'][number]): FileState {
  const file = { ...note, topic: fileTopic(note.facts) };
  return isWanted ? { ...file, fetching: fetchOf(new Set(here)) } : file;
}

/** Nothing, where its device is not on the list any more. */
function knownPrekey(
  { device, record }: Snapshot['known'][number],
  list: MusterList,
): readonly (readonly [DeviceId, Prekey])[] {
  const listed = list.devices.get(device);
  return listed === undefined ? [] : [[device, readPrekey(record, listed)]];
}

function refold(state: State, entry: Entry): State {
  const body = readBody(entry.body);
  const isCounted = !isVoid(state.rooms.get(entry.room)?.voids.get(entry.device) ?? [], entry.seq);
  return body === undefined || !isCounted ? state : noteVerified(noteDrillEntry(state, entry, body), entry, body);
}

function restoreRelay(id: RelayState['id'], from: Snapshot): RelayState {
  const store = from.relays.find((row) => row.relay === id)?.store;
  const cursors = new Map(from.cursors.filter((row) => row.relay === id).map((row) => [row.topic, row.offset]));
  return {
    id,
    up: false,
    sinceMs: 0,
    cursors,
    live: new Set(),
    inFlight: new Map(),
    behind: new Set(),
    refill: { after: 0 },
    ...(store === undefined ? {} : { store }),
  };
}

function restoreRoom(info: RoomInfo, list: MusterList, from: Snapshot, self: DeviceId): RoomState {
  const epochs = from.epochs
    .filter((row) => row.room === info.id)
    .map((row) => restoreEpoch(row.announcement, row.bucket, row.secret));
  const feeds = from.feeds.filter((row) => row.room === info.id);
  const reads = new Map(from.reads.filter((row) => row.room === info.id).map((row) => [row.device, row.places]));
  const made: RoomState = {
    ...makeRoomState(info, list),
    epochs: new Map(epochs.map((epoch) => [epoch.tag, epoch])),
    erased: new Set(from.erased.filter((row) => row.room === info.id).map(({ tag }) => tag)),
    feeds: new Map(
      feeds.map(({ device, from: first, seq, entry, before }) => [
        device,
        { from: first, count: seq + 1, head: entry, ...(before === undefined ? {} : { before }) },
      ]),
    ),
    heads: from.heads.find((row) => row.room === info.id)?.heads ?? [],
    unsealed: from.unsealed.filter((row) => row.room === info.id).map((row) => readStored(row.bytes, info.id)),
    haves: new Map(from.haves.filter((row) => row.room === info.id).map((row) => [row.device, row.holding])),
    reads,
    // What was told before is not told again at every start: a beacon and what is read next tell it.
    toldRead: reads.get(self) ?? new Map(),
  };
  const loose = from.operations.filter((row) => row.room === info.id).map((row) => readStored(row.bytes, info.id));
  const notable = from.notable.filter((row) => row.room === info.id).map((row) => readStored(row.bytes, info.id));
  return judged(foldInOrder(made, loose, notable), list);
}

/**
 * Operations that came ahead of their feeds, and entries that came in theirs, each after all the operations it names: in
 * which of the two ways those came is not known here.
 */
function foldInOrder(room: RoomState, loose: readonly Entry[], notable: readonly Entry[]): RoomState {
  let waiting = [
    ...loose.map((entry) => ({ entry, fold: withOperation })),
    ...notable.map((entry) => ({ entry, fold: withEntry })),
  ];
  let made = room;
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length;
    waiting = waiting.filter(({ entry, fold }) => {
      if (missingIn(made.control, entry.control).length > 0) return true;
      made = fold(made, entry);
      return false;
    });
  }
  return made;
}

/**
 * An entry from our own disk. It verified when it was written, under the list of then: whoever has left the list since
 * still wrote what they wrote, and must not keep this device from opening.
 */
function readStored(bytes: Uint8Array, room: RoomId): Entry {
  try {
    return reopenEntry(bytes, room);
  } catch (cause) {
    throw new Broken(
      'corrupt',
      'The vault holds an entry that cannot be read. Restore it from a copy, or join again.',
      {
        cause,
      },
    );
  }
}

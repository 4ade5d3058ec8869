/**
 * Fetching a file: its topic is followed from when its entry is in its feed until all chunks are here. Each chunk proves
 * itself before it is kept; what does not is passed over, and never keeps the right one from being taken.
 */
import { checkChunk, fileTopic, openChunk, readIndex } from '../core/attachment.ts';
import type { BodyOf } from '../core/body.ts';
import type { Entry } from '../core/entry.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { RelayId, TopicId } from '../wire/id.ts';
import type { Reading } from './event.ts';
import { countAll, fileIn, isFetched, keepFile, maxFilesBytes, setFile } from './file.ts';
import type { Fetch, FileState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Fetched without asking: a photograph or a page of a log, not what fills a slow line for minutes. */
const autoBytes = 1024 * 1024;
/** Of those, on disk in all, and under way at once: a member who announces files without end costs no more than this. */
const maxAutoBytes = Math.min(256 * 1024 * 1024, maxFilesBytes);
const maxAuto = 64;
/** Without anything new, before beginning again: an offset that a relay made up may have passed over chunks. */
const againMs = 300_000;
const maxAgainMs = 86_400_000;

/** An entry that tells of a file has its place and counts. */
export function noteFile(turn: Turn, entry: Entry, body: BodyOf<'file'>): void {
  if (fileIn(turn.state, entry.id) !== undefined) return;
  const { file, salt, key, size, name } = body;
  const facts = { file, salt: salt.slice(), key: key.slice(), size };
  const known: FileState = {
    room: entry.room,
    entry: entry.id,
    facts,
    name,
    topic: fileTopic(facts),
    isOffered: false,
    held: new Map(),
  };
  const isAuto =
    size <= autoBytes &&
    turn.state.fileBytes + size <= maxAutoBytes &&
    [...turn.state.files.values()].filter(({ fetching }) => fetching !== undefined).length < maxAuto;
  keepFile(turn, isAuto ? { ...known, fetching: fetchOf(new Set(), turn.nowMs) } : known);
}

/** Begins to fetch, going on from the chunks that are here. */
export function beginFetch(turn: Turn, file: FileState, here: ReadonlySet<number>): void {
  keepFile(turn, { ...file, fetching: fetchOf(here, turn.nowMs) });
}

/** Going on from these; a link that comes up says from when on it is waited. */
export const fetchOf = (here: ReadonlySet<number>, nowMs = 0): Fetch => ({
  here,
  followed: new Set(),
  waitMs: againMs,
  againAtMs: nowMs + againMs,
});

/** Takes a chunk from a topic that is followed. False: it cannot be checked before the index came, so it is left at the relay. */
export function takeChunk(turn: Turn, topic: TopicId, envelope: Bytes, relay: RelayId | undefined): boolean {
  let isTaken = true;
  for (const file of turn.state.files.values()) {
    if (file.topic !== topic || file.fetching === undefined) continue;
    const { fetching } = file;
    turn.guard(() => {
      if (!take(turn, file, fetching, envelope)) isTaken = false;
    }, relay);
  }
  return isTaken;
}

function take(turn: Turn, file: FileState, fetching: Fetch, envelope: Bytes): boolean {
  const { facts } = file;
  const chunk = openChunk(facts, envelope);
  if (fetching.here.has(chunk.number) && (chunk.number > 0 || file.index !== undefined)) return true;
  const index = chunk.number === 0 ? readIndex(facts, chunk.bytes) : file.index;
  if (index === undefined) return false;
  if (chunk.number > 0) checkChunk(facts, index, chunk);
  turn.write({ type: 'chunk', file: facts.file, number: chunk.number, bytes: chunk.bytes });
  turn.state = { ...turn.state, fileBytes: turn.state.fileBytes + chunk.bytes.length };
  const here = new Set(fetching.here).add(chunk.number);
  setFile(turn, { ...file, index, fetching: { ...fetching, here, waitMs: againMs, againAtMs: turn.nowMs + againMs } });
  turn.roomChanged(file.room);
  return true;
}

/** The index came back from disk, after a start. */
export function indexRead(turn: Turn, { entry }: Reading & { readonly for: 'index' }, found: readonly Bytes[]): void {
  const file = fileIn(turn.state, entry);
  const [first] = found;
  if (file?.fetching === undefined || first === undefined) return;
  turn.guard(() => setFile(turn, { ...file, index: readIndex(file.facts, first) }));
}

/** What came ahead of the index was left at the relays. */
function askForTheRest(turn: Turn, topic: TopicId): void {
  for (const relay of turn.state.relays.values())
    if (relay.up && relay.behind.has(topic) && relay.askAtMs === undefined)
      turn.setRelay({ ...relay, askAtMs: turn.nowMs });
}

/** Ends what is whole, and asks every relay that is up for what is not. */
export function tendFetches(turn: Turn): void {
  for (const file of turn.state.files.values()) {
    if (file.fetching === undefined) continue;
    if (file.fetching.here.size === countAll(file)) endFetch(turn, file);
    else follow(turn, file, file.fetching);
    if (file.index !== undefined) askForTheRest(turn, file.topic);
  }
}

function follow(turn: Turn, file: FileState, fetching: Fetch): void {
  const followed = new Set(fetching.followed);
  for (const relay of turn.state.relays.values()) {
    if (!relay.up || followed.has(relay.id)) continue;
    followed.add(relay.id);
    tail(turn, relay.id, file.topic);
  }
  const { room, entry, facts, index } = file;
  if (followed.size > 0 && fetching.followed.size === 0 && fetching.here.has(0) && index === undefined)
    turn.effect({ type: 'read', reading: { for: 'index', room, entry, file: facts.file } });
  if (followed.size !== fetching.followed.size) setFile(turn, { ...file, fetching: { ...fetching, followed } });
}

const tail = (turn: Turn, relay: RelayId, topic: TopicId): void =>
  turn.effect({
    type: 'send',
    relay,
    frame: { type: 'tail', topic, from: turn.relay(relay).cursors.get(topic) ?? 0 },
  });

/** It is whole, or nobody wants it any more. */
export function endFetch(turn: Turn, { fetching, index: _, ...file }: FileState): void {
  keepFile(turn, file);
  if (isFetched(turn.state, file.topic)) return; // the same file by another entry
  turn.write({ type: 'untailed', topic: file.topic });
  for (const relay of turn.state.relays.values()) {
    const without = (topics: ReadonlySet<TopicId>) => new Set([...topics].filter((topic) => topic !== file.topic));
    turn.setRelay({
      ...relay,
      cursors: withoutKey(relay.cursors, file.topic),
      live: without(relay.live),
      behind: without(relay.behind),
    });
    if (relay.up && fetching?.followed.has(relay.id) === true)
      turn.effect({ type: 'send', relay: relay.id, frame: { type: 'untail', topic: file.topic } });
  }
}

/** When to begin again; `undefined`: no relay has told all it has. */
export function againAtMs(state: State, { topic, fetching }: FileState): number | undefined {
  const isTold = [...state.relays.values()].some((relay) => relay.up && relay.live.has(topic));
  return isTold ? fetching?.againAtMs : undefined;
}

/** Has every relay tell again all it has of a file. */
export function beginAgain(turn: Turn, { entry }: FileState): void {
  const file = fileIn(turn.state, entry);
  if (file?.fetching === undefined) return;
  const waitMs = Math.min(maxAgainMs, file.fetching.waitMs * 2);
  setFile(turn, { ...file, fetching: { ...file.fetching, waitMs, againAtMs: turn.nowMs + waitMs } });
  for (const relay of turn.state.relays.values()) {
    turn.setRelay({ ...relay, cursors: withKey(relay.cursors, file.topic, 0) });
    turn.write({ type: 'cursor', relay: relay.id, topic: file.topic, offset: 0 });
    if (relay.up) tail(turn, relay.id, file.topic);
  }
}

/**
 * Bringing the chunks of a file to relays. They are not in the outbox: they are sealed anew from the file on disk, to the
 * same envelopes each time, a few at once. It must never have more than one append of chunks under way at one relay, so
 * that an alarm never waits behind a file, and never seal what was not checked against its leaf.
 */
import { readIndex, sealChunk } from '../core/attachment.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { RelayId } from '../wire/id.ts';
import type { Reading } from './event.ts';
import { countAll, fileIn, keepFile, setFile } from './file.ts';
import { offer } from './outbox.ts';
import type { Carry, FileState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Chunks in one append: a quarter of a megabyte, two seconds of a slow line. */
const atOnce = 4;
/** After a relay said that it has no room: more time will hardly change it, and each try costs the line. */
const slowRetryMs = 60_000;

/** Reads for every relay that is up and idle what it is to get next. */
export function tendCarries(turn: Turn): void {
  for (const relay of turn.state.relays.values()) {
    if (!relay.up || turn.state.carries.has(relay.id)) continue;
    const file = nextFor(turn.state, relay.id);
    if (file === undefined) continue;
    const held = file.held.get(relay.id) ?? 0;
    // Without the index nothing can be checked, and it is the first of all.
    const [from, count] = file.index === undefined ? [0, held === 0 ? atOnce : 1] : [held, atOnce];
    const reading = { for: 'carry', room: file.room, entry: file.entry, file: file.facts.file, from, count } as const;
    setCarry(turn, relay.id, { type: 'reading', entry: file.entry, from });
    turn.effect({ type: 'read', reading: { ...reading, relay: relay.id } });
  }
}

/** The first file that this device offers, has whole, and the relay lacks. */
const nextFor = (state: State, relay: RelayId): FileState | undefined =>
  [...state.files.values()].find(
    (file) => file.isOffered && file.fetching === undefined && (file.held.get(relay) ?? 0) < countAll(file),
  );

const setCarry = (turn: Turn, relay: RelayId, carry: Carry): void => {
  turn.state = { ...turn.state, carries: withKey(turn.state.carries, relay, carry) };
};
const endCarry = (turn: Turn, relay: RelayId): void => {
  turn.state = { ...turn.state, carries: withoutKey(turn.state.carries, relay) };
};

/** Chunks came back from disk. */
export function chunksRead(turn: Turn, reading: Reading & { readonly for: 'carry' }, found: readonly Bytes[]): void {
  const carry = turn.state.carries.get(reading.relay);
  // Asked for on an earlier connection.
  if (carry?.type !== 'reading' || carry.entry !== reading.entry || carry.from !== reading.from) return;
  endCarry(turn, reading.relay);
  const file = fileIn(turn.state, reading.entry);
  const relay = turn.state.relays.get(reading.relay);
  if (file === undefined || relay?.up !== true) return;
  try {
    send(turn, file, reading, found);
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    // Our own disk does not have what it had: it is not offered any more, so that nothing wrong is sealed.
    turn.effect({
      type: 'refused',
      code: 'corrupt',
      text: 'a file on this device is damaged, and is not sent any further',
    });
    keepFile(turn, { ...file, isOffered: false });
  }
}

function send(
  turn: Turn,
  file: FileState,
  reading: Reading & { readonly for: 'carry' },
  found: readonly Bytes[],
): void {
  const [first] = found;
  if (first === undefined) throw new PeerFault('malformed', 'a file on disk lacks chunks');
  const index = reading.from === 0 ? readIndex(file.facts, first) : file.index;
  if (index === undefined) return;
  setFile(turn, { ...file, index });
  const held = file.held.get(reading.relay) ?? 0;
  if (held !== reading.from) return; // it was read for its index alone
  const envelopes = found.map((bytes, i) => {
    const sealed = sealChunk(file.facts, index, { number: reading.from + i, bytes });
    return { id: idOfEnvelope(sealed), topic: file.topic, bytes: sealed };
  });
  const { nextRef } = turn.state;
  setCarry(turn, reading.relay, { type: 'sent', entry: file.entry, upTo: held + envelopes.length, ref: nextRef });
  offer(turn, turn.relay(reading.relay), envelopes);
}

/** An append was answered; `refusal`: it was not taken. */
export function noteCarried(turn: Turn, relayId: RelayId, ref: number, refusal?: string): void {
  const carry = turn.state.carries.get(relayId);
  if (carry?.type !== 'sent' || carry.ref !== ref) return;
  endCarry(turn, relayId);
  const file = fileIn(turn.state, carry.entry);
  if (file === undefined) return;
  turn.roomChanged(file.room);
  if (refusal !== undefined) {
    const isSlow = refusal !== 'rate' && refusal !== 'busy';
    const atMs = Math.max(turn.relay(relayId).retryAtMs ?? 0, turn.nowMs + (isSlow ? slowRetryMs : 0));
    setCarry(turn, relayId, { type: 'waiting', atMs, code: refusal });
    return;
  }
  const held = withKey(file.held, relayId, carry.upTo);
  turn.write({ type: 'file-held', room: file.room, entry: file.entry, relay: relayId, count: carry.upTo });
  const isEverywhere = [...turn.state.relays.keys()].every((each) => held.get(each) === countAll(file));
  const { index: _, ...bare } = file;
  setFile(turn, isEverywhere ? { ...bare, held } : { ...file, held });
}

/** The time has come to try again what a relay did not take. */
export const carryAgain = endCarry;

/**
 * Looking ahead: an envelope opened before its step, so that somebody else can check its signature meanwhile (decision
 * 0016). Pure. What comes of it belongs to these very bytes and to the epoch they were opened in, and a step that finds
 * neither does it all itself. It must never say that a signature holds: that is said by whoever checked it.
 */

import type { Check } from '../core/check.ts';
import { parseEntry, type Unchecked } from '../core/entry.ts';
import { type FrameOf, openEnvelope, readHeader } from '../core/envelope.ts';
import { type Epoch, isBucketTooFar } from '../core/epoch.ts';
import { signKeyIn } from '../core/listed.ts';
import { type Bytes, equal } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { EnvelopeId, TopicId } from '../wire/id.ts';
import type { State } from './state.ts';

/** An envelope with an entry in it, opened. */
export interface Opened extends Unchecked {
  readonly envelope: Bytes;
  readonly epoch: Epoch;
  readonly frame: FrameOf<'entry'>;
}

export interface Ahead {
  readonly id: EnvelopeId;
  readonly opened?: Opened;
  /** The check that was made and passed. It says nothing about any other. */
  readonly passed?: Check;
}

/**
 * By the envelope as it came: by the object and not by what is in it, so that nothing an attacker makes can be taken for
 * something else that was checked. What is told of an envelope names it too. Nobody writes into an envelope.
 */
export type Looked = ReadonlyMap<Bytes, Ahead>;
export const noneAhead: Looked = new Map();

/** `undefined` for what cannot be opened now, or not by this device, or has no entry in it: the step will see. */
export function openAhead(state: State, topic: TopicId, envelope: Bytes, nowMs: number): Opened | undefined {
  const roomId = state.topics.get(topic);
  const room = roomId === undefined ? undefined : state.rooms.get(roomId);
  if (roomId === undefined || room === undefined) return undefined;
  try {
    const { tag, bucket } = readHeader(envelope);
    const epoch = room.epochs.get(tag);
    // As for a step: every bucket costs a derivation before anything is authenticated.
    if (epoch === undefined || isBucketTooFar(epoch, bucket, nowMs)) return undefined;
    const frame = openEnvelope(epoch, envelope);
    if (frame.type !== 'entry') return undefined;
    return { ...parseEntry(frame.bytes, roomId, signKeyIn(state.list)), envelope, epoch, frame };
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    return undefined;
  }
}

/** An envelope that was opened ahead, if that still holds: these bytes, this epoch, and the key that the list gives its author. */
export function seenAhead(
  { state, ahead }: { readonly state: State; readonly ahead: Looked },
  epoch: Epoch,
  envelope: Bytes,
): (Opened & { readonly isSigned: boolean }) | undefined {
  const { opened, passed } = ahead.get(envelope) ?? {};
  if (opened === undefined || opened.envelope !== envelope || opened.epoch !== epoch) return undefined;
  const key = signKeyIn(state.list)(opened.entry.device);
  if (key === undefined || !equal(key, opened.check.publicKey)) return undefined;
  return { ...opened, isSigned: passed === opened.check };
}

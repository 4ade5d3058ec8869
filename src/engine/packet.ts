/** Sealed packets to and from other devices: whom they go to, in which chain, and what became of what they carried. */

import type { DeviceId } from '../core/id.ts';
import type { ListDevice } from '../core/list.ts';
import { maxChain, openPacket, sealPacket, startChain } from '../core/packet.ts';
import { encodePayload, type Payload, readPayload } from '../core/payload.ts';
import { isNewer, type Prekey, readPrekey } from '../core/prekey.ts';
import { inboxOf } from '../core/room.ts';
import type { Bytes } from '../wire/bytes.ts';
import { batchesOf } from './batch.ts';
import { post } from './outbox.ts';
import { type Turn, withKey } from './turn.ts';

/** Chains that are kept. The one used longest ago goes first: the next packet there costs an encapsulation. */
const maxOutgoing = 2000;
/**
 * Encapsulations that are kept, until their prekeys go. Of what comes beyond, packets open that carry theirs: those
 * without are asked for, and come with it.
 */
const maxPairs = 4096;

/** The newest prekey of a device that we know of: a stale one rather than none, for who sleeps for months. */
export function prekeyOf(turn: Turn, device: ListDevice): Prekey {
  const known = turn.state.known.get(device.id);
  return known !== undefined && known.seq > device.prekey.seq ? known : device.prekey;
}

/** Seals a payload to a device and posts it to its inbox. `epoch`: the tag of the epoch a grant is of. */
export function postPacket(turn: Turn, device: ListDevice, payload: Payload, epoch?: string): void {
  const prekey = prekeyOf(turn, device);
  const held = turn.state.outgoing.get(prekey.id);
  const isUsable = held !== undefined && held.chain.index < maxChain;
  const before = isUsable ? held.chain : startChain(prekey, turn.random);
  const bytes = encodePayload(payload);
  const { packet, chain } = sealPacket(before, bytes, turn.random);
  bytes.fill(0);
  turn.forget(before.secret);
  const outgoing = new Map(turn.state.outgoing);
  for (const [to, each] of turn.state.outgoing) {
    if (each.chain.device !== device.id) continue;
    if (each.chain !== before) turn.forget(each.chain.secret);
    outgoing.delete(to);
  }
  const epochs = new Set([...(isUsable ? held.epochs : []), ...(epoch === undefined ? [] : [epoch])]);
  outgoing.set(prekey.id, { chain, epochs });
  for (const [oldest, each] of outgoing) {
    if (outgoing.size <= maxOutgoing) break;
    turn.forget(each.chain.secret);
    outgoing.delete(oldest);
  }
  turn.state = { ...turn.state, outgoing };
  // What was asked for or given is asked for again by whoever still misses it; keys and operations have to be there for
  // somebody who sleeps, whatever relays lose meanwhile.
  const isKept = payload.type === 'grant' || payload.type === 'log';
  post(turn, { topic: inboxOf(turn.state.list, device.id), bytes: packet, isKept });
}

/** Entries for one device, in as few packets: of bytes half an envelope, so that one large one more still fits. */
export const packetsOf = (entries: readonly Bytes[], maxItems: number): readonly (readonly Bytes[])[] =>
  batchesOf(entries, (bytes) => bytes.length, { items: maxItems, bytes: 48 * 1024 });

/** A device used an epoch that we granted it in a packet: so it opened that packet, and needs no ciphertext again. */
export function noteHeard(turn: Turn, device: DeviceId, epoch: string): void {
  for (const [prekey, outgoing] of turn.state.outgoing) {
    if (outgoing.chain.device !== device || outgoing.chain.isHeard || !outgoing.epochs.has(epoch)) continue;
    const chain = { ...outgoing.chain, isHeard: true };
    turn.state = { ...turn.state, outgoing: withKey(turn.state.outgoing, prekey, { ...outgoing, chain }) };
  }
}

/**
 * A device asks for something. It may have got an epoch from somebody else and never what our packets rest on, so they
 * carry their ciphertext again, until it uses an epoch that we grant it from now on.
 */
export function noteAsking(turn: Turn, device: DeviceId): void {
  for (const [prekey, outgoing] of turn.state.outgoing) {
    if (outgoing.chain.device !== device) continue;
    const chain = { ...outgoing.chain, isHeard: false };
    turn.state = { ...turn.state, outgoing: withKey(turn.state.outgoing, prekey, { chain, epochs: new Set() }) };
  }
}

/** Opens a packet of our inbox. Throws `PeerFault`. What it says is the caller's to judge. */
export function unpackPacket(
  turn: Turn,
  packet: Bytes,
): { readonly payload: Payload; readonly bytes: Bytes; readonly to: Prekey['id'] } {
  const { prekeys, pairs, self } = turn.state;
  const { payload, ref, pair } = openPacket(packet, prekeys, pairs, self.device);
  if (!pairs.has(ref) && pairs.size < maxPairs) {
    turn.state = {
      ...turn.state,
      pairs: withKey(pairs, ref, pair),
      prekeys: prekeys.map((each) => {
        if (each.id !== pair.prekey) return each;
        const counted = { ...each, opened: each.opened + 1 };
        turn.write({ type: 'own-prekey', prekey: counted });
        return counted;
      }),
    };
    turn.write({ type: 'pair', ref, pair });
  }
  return { payload: readPayload(payload), bytes: payload, to: pair.prekey };
}

/** Takes a prekey record of another device, if it is newer than what is known. Throws `PeerFault`. */
export function takePrekey(turn: Turn, device: ListDevice, record: Bytes): void {
  const prekey = readPrekey(record, device);
  if (!isNewer(prekey, prekeyOf(turn, device))) return;
  turn.state = { ...turn.state, known: withKey(turn.state.known, device.id, prekey) };
  turn.write({ type: 'prekey', device: device.id, record });
}

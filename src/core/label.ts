/**
 * Domain separation: one closed table of labels for every hash, derivation and signature (docs/protocol.md
 * section 2). A label that is not here cannot be used, and no two uses share one: this is what keeps a
 * signature made for one purpose from meaning something in another.
 */
import { type Bytes, utf8 } from '../wire/bytes.ts';

/** The suite every record names: Ed25519, X-Wing, XChaCha20-Poly1305 with key commitment, BLAKE2b, Argon2id. */
export const suite = 1;

export const hashLabels = [
  'org', // organisation root → fingerprint
  'names', // names of an organisation and its custodians, salted
  'member', // identity key → member id
  'device', // signing key → device id
  'list-leaf', // salted leaf of a muster list
  'list', // signed head of a muster list → its id, named by the next version
  'prekey', // prekey record → its id
  'room', // room genesis → room id
  'entry', // entry → its id
  'content', // salt and body of an entry → what its signature covers of them
  'envelope', // envelope bytes → its id
  'epoch', // announcement → epoch id
  'epoch-commit', // commitment to an epoch's secret
  'epoch-tag', // how an envelope names its epoch
  'kem', // KEM ciphertext → reference
  'join', // join request → safety words
  'report', // list, drill and closing entry → report id
  'roster', // devices an epoch is granted to
  'file', // salt, size and leaves of an attachment → its id
  'file-chunk', // one chunk of an attachment → its leaf
  'verification', // two people's identity keys → what they read to each other
  'courier', // what came before in a courier file and its next block → the check after that block
  'beacon-room', // room and beacon → how the beacon names the room
  'beacon-held', // that, and how much is held → how the beacon says how much
  'beacon-read', // the same, where its person has read all of it
  'beacon-feeds', // how many entries of each feed are held
] as const;
export type HashLabel = (typeof hashLabels)[number];

export const keyLabels = [
  'aead', // message key and key commitment
  'bucket', // next bucket of an epoch
  'message', // key of one bucket
  'packet-root', // KEM secret → first key of a pair
  'packet-key',
  'packet-next',
  'rendezvous-room', // salts of rooms that follow from the list alone
  'file-nonce', // nonce of a chunk: its bytes never change, so it need not be chance
  'drill-time', // moment of an unannounced drill within its window
] as const;
export type KeyLabel = (typeof keyLabels)[number];

/** Topics are derived under their own labels so that no topic can be mistaken for a key. */
export const topicLabels = [
  'topic-room', // room id → topic of a room
  'topic-file', // key of an attachment → topic of its chunks
  'topic-inbox', // rendezvous and device id → topic of a device's sealed packets
] as const;
export type TopicLabel = (typeof topicLabels)[number];

export const signLabels = [
  'certificate', // identity key over a device certificate
  'possession', // device keys over their own certificate
  'list', // custodian over a muster list head
  'admission', // custodian over an admission list
  'access', // access key over a relay's nonce
  'prekey',
  'entry',
  'epoch',
  'grant',
  'need', // device over a request for grants
  'have',
  'want', // device over a request for entries
  'beacon', // device over what it says when it comes
] as const;
export type SignLabel = (typeof signLabels)[number];

const PREFIX = 'muster/1/';

/** `"muster/1/" ‖ space ‖ "/" ‖ label ‖ 0x00` of the whole table, made once: every hash and signature begins with one. */
const headsOf = (space: string, labels: readonly string[]): ReadonlyMap<string, Bytes> =>
  new Map(labels.map((label) => [label, utf8(`${PREFIX}${space}/${label}\0`)]));
const heads = {
  hash: headsOf('hash', hashLabels),
  key: headsOf('key', [...keyLabels, ...topicLabels]),
  sign: headsOf('sign', signLabels),
};

/** `"muster/1/" ‖ space ‖ "/" ‖ label ‖ 0x00 ‖ lp(part1) ‖ lp(part2) …`, lp = 4-byte big-endian length before the bytes. */
export function domain(
  space: 'hash' | 'key' | 'sign',
  label: HashLabel | KeyLabel | TopicLabel | SignLabel,
  ...parts: readonly Bytes[]
): Bytes {
  const head = heads[space].get(label);
  if (head === undefined) throw new Error(`there is no label ${label} for ${space}`);
  let size = head.length;
  for (const part of parts) size += 4 + part.length;
  const out = new Uint8Array(size);
  out.set(head);
  let at = head.length;
  for (const part of parts) {
    for (let shift = 24; shift >= 0; shift -= 8) out[at++] = part.length >>> shift;
    out.set(part, at);
    at += part.length;
  }
  return out;
}

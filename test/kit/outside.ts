/**
 * Every binary structure that comes from outside, in one table: a good one, and what reads it. To add one, add a row.
 * What is carried inside another structure is read through, so that a bad form cannot hide one level down.
 */
import { joinAdmission, readAdmission } from '../../src/core/admission.ts';
import { open, seal } from '../../src/core/aead.ts';
import { makeBeacon, readBeacon } from '../../src/core/beacon.ts';
import { encodeBody, readBody } from '../../src/core/body.ts';
import { joinBundle, readBundle } from '../../src/core/bundle.ts';
import { readCertificate } from '../../src/core/certificate.ts';
import { signAsCustodian } from '../../src/core/custodian.ts';
import { makeDraft, readDraft, signDraft } from '../../src/core/draft.ts';
import { readEntry, readSkeleton, stripEntry } from '../../src/core/entry.ts';
import * as envelope from '../../src/core/envelope.ts';
import { acceptGrant, type Epoch, forgetBefore, makeGrant, messageKey } from '../../src/core/epoch.ts';
import { proveFork, readFork } from '../../src/core/fork.ts';
import { readGenesis, rootOf } from '../../src/core/genesis.ts';
import { encodeJoin, readJoin } from '../../src/core/join.ts';
import { suite } from '../../src/core/label.ts';
import { admissionOf, readList } from '../../src/core/list.ts';
import { makeNeed, readNeed } from '../../src/core/need.ts';
import { openPacket, type Pair, type PairRef, sealPacket, startChain } from '../../src/core/packet.ts';
import { pad, unpad } from '../../src/core/padding.ts';
import { encodePayload, readPayload } from '../../src/core/payload.ts';
import { readPrekey } from '../../src/core/prekey.ts';
import { readRoom } from '../../src/core/room.ts';
import { readRoot } from '../../src/core/root.ts';
import { sodiumChecker } from '../../src/core/verify.ts';
import { type Bytes, concat, fromHex, u16be } from '../../src/wire/bytes.ts';
import { decode, encode } from '../../src/wire/cbor.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { castOf } from './outsideCast.ts';
import { outsideFrames } from './outsideFrame.ts';
import { type Outside, outside } from './outsideRow.ts';
import { seeded } from './random.ts';

/** For a reader that says `undefined` of a form it does not know. */
function there<T>(value: T | undefined): T {
  if (value === undefined) throw new PeerFault('malformed', 'nothing could be read');
  return value;
}

/** The table. libsodium must have been loaded. */
export function outsides(): readonly Outside[] {
  const random = seeded(20_261_124);
  const cast = castOf(random);
  const { list, listBytes, genesis, ada, bela, room, epoch, first, second, other, prekey, signKeyOf } = cast;

  const entryRead = (bytes: Bytes) => there(readBody(readEntry(bytes, room.id, signKeyOf).body));
  const grantFacts = { ...cast.facts, isKnown: () => true, rosterAt: () => list.devices };
  const grantOf = (of: Epoch): Bytes => {
    const granter = { key: ada.keys.sign, device: ada.device };
    return encodePayload({ type: 'grant', ...makeGrant(of, granter, prekey.id, room.genesis) });
  };
  const payloadRead = (bytes: Bytes): unknown => {
    const payload = readPayload(bytes);
    if (payload.type === 'need') return readNeed(payload, signKeyOf);
    if (payload.type === 'log') readRoom(there(payload.genesis), list);
    if (payload.type !== 'grant') return payload.entries.map(entryRead);
    return acceptGrant(payload, { ...grantFacts, room: readRoom(there(payload.room), list).id }, prekey.id);
  };
  const asked = { device: ada.device, room: room.id, tags: [fromHex(epoch.tag)], nonce: random(16), timeMs: 300 };
  const need = makeNeed(ada.keys.sign, asked);
  const chain = () => startChain(cast.listed.prekey, random);
  const openFrom = (packet: Bytes, pairs: ReadonlyMap<PairRef, Pair> = new Map()) =>
    openPacket(packet, [prekey], pairs, bela.device);
  const opening = sealPacket(chain(), grantOf(epoch), random);
  const opened = openFrom(opening.packet);
  const pairs = new Map([[opened.ref, opened.pair]]);
  const following = sealPacket({ ...opening.chain, isHeard: true }, grantOf(epoch), random);

  const { frame } = envelope;
  const frameOpen = (value: envelope.Frame): unknown => {
    if (value.type === 'have') return envelope.readHave(value, room.id, signKeyOf);
    if (value.type === 'want') return envelope.readWant(value, room.id, signKeyOf);
    if (value.type === 'beacon') return readBeacon(value, room.id, signKeyOf);
    return entryRead(value.bytes);
  };
  const frameRead = (bytes: Bytes) => frameOpen(decode(frame, bytes));
  const envelopeRead = (bytes: Bytes) => frameOpen(envelope.openEnvelope(epoch, bytes));
  const claim = { device: ada.device, timeMs: cast.nowMs };
  const have = envelope.makeHave(ada.keys.sign, room.id, { ...claim, spans: [[bela.device, 3, 300]], ask: true });
  const missing = { ranges: [[bela.device, 3, 300] as const], operations: [first.id], nonce: random(16) };
  const want = envelope.makeWant(ada.keys.sign, room.id, { ...claim, ...missing });
  const marks = [[random(8), random(8)] as const];
  const run = { boot: random(16), ask: true, isWhole: true, marks };
  const beacon = makeBeacon(ada.keys.sign, room.id, { ...claim, ...run });
  const entries = [first.bytes, second.bytes];
  const header = concat(new Uint8Array([suite, envelope.envelopeType]), fromHex(epoch.tag), u16be(1));
  const sealFrame = (plain: Bytes): Bytes => concat(header, seal(messageKey(epoch, 1), header, pad(plain), random));
  const inEnvelope = encode(frame, { type: 'entry', bytes: first.bytes });

  const admissionBody = admissionOf(list);
  const signatures = cast.custodians
    .slice(0, 2)
    .map((key) => signAsCustodian(readGenesis(genesis), key, 'admission', admissionBody));
  const admission = joinAdmission(admissionBody, signatures);
  const life = { version: 2, issuedAtMs: cast.nowMs, expiresAtMs: cast.nowMs + 1 };
  const draft = cast.custodians
    .slice(0, 1)
    .reduce((bytes, key) => signDraft(readDraft(bytes), key), makeDraft({ genesis, ...life }, cast.bodies, random));
  const { certificate, identity } = cast;
  const join = encodeJoin({ handle: 'bela', identity, certificate, prekey: prekey.record });
  const removal = { type: 'remove', members: [bela.member], devices: [ada.device], cut: [[bela.device, 300]] } as const;
  const [key, aad] = [random(32), random(20)];

  return [
    outside('envelope', sealFrame(inEnvelope), envelopeRead, 'raw', 'sealed'),
    outside('frame in an envelope', inEnvelope, (bytes) => envelopeRead(sealFrame(bytes))),
    outside('frame: entry', inEnvelope, frameRead, 'sealed'),
    outside('frame: have', encode(frame, have), frameRead, 'sealed'),
    outside('frame: want', encode(frame, want), frameRead, 'sealed'),
    outside('frame: beacon', encode(frame, beacon), frameRead, 'sealed'),
    outside('packet', opening.packet, (bytes) => openFrom(bytes), 'raw', 'sealed'),
    outside('packet of a known chain', following.packet, (bytes) => openFrom(bytes, pairs), 'raw', 'sealed'),
    // Not sealed as it is: openPacket does not look at the ciphertext of an encapsulation that it has.
    outside('packet that brings what is known', opening.packet, (bytes) => openFrom(bytes, pairs), 'raw', 'sealed'),
    outside('payload in a packet', grantOf(epoch), (bytes) =>
      payloadRead(openFrom(sealPacket(chain(), bytes, random).packet).payload),
    ),
    outside('payload: grant', grantOf(epoch), payloadRead, 'sealed'),
    outside('payload: later grant', grantOf(forgetBefore(epoch, 300)), payloadRead, 'sealed'),
    outside('payload: need', encodePayload({ type: 'need', ...need }), payloadRead, 'sealed'),
    outside('payload: log', encodePayload({ type: 'log', room: room.id, genesis: room.genesis, entries }), payloadRead),
    outside('payload: give', encodePayload({ type: 'give', room: room.id, entries }), payloadRead),
    outside('entry', second.bytes, entryRead, 'sealed'),
    outside('skeleton', stripEntry(second.bytes), (bytes) => readSkeleton(bytes, room.id, signKeyOf), 'sealed'),
    outside(
      'fork',
      proveFork(first.bytes, other.bytes, room.id, signKeyOf),
      (bytes) => readFork(bytes, room.id, signKeyOf),
      'sealed',
    ),
    outside('body', encodeBody(removal), (bytes) => there(readBody(bytes))),
    outside('prekey', prekey.record, (bytes) => readPrekey(bytes, cast.listed), 'sealed'),
    outside('certificate', certificate, (bytes) => readCertificate(bytes, identity), 'sealed'),
    outside('muster list', listBytes, (bytes) => readList(bytes), 'sealed', 'hashed'),
    outside('admission list', admission, (bytes) => readAdmission(bytes, sodiumChecker), 'sealed'),
    outside('bundle', joinBundle(listBytes, admission), (bytes) => readBundle(bytes), 'sealed', 'hashed'),
    outside('draft', draft, readDraft, 'hashed', 'compared'),
    outside('join request', join, readJoin),
    outside('room', room.genesis, (bytes) => readRoom(bytes, list)),
    outside('genesis', genesis, readGenesis),
    outside('root', rootOf(genesis), readRoot),
    outside('ciphertext', seal(key, aad, random(40), random), (bytes) => open(key, aad, bytes), 'raw', 'sealed'),
    outside('padded', pad(random(300)), unpad, 'raw'),
    ...outsideFrames(random, admission),
  ];
}

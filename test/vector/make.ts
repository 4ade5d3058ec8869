/**
 * Makes every vector and every example of docs/protocol.md from one seed. `node test/vector/write.mjs` writes them;
 * vector.test.ts holds what is on disk against what this makes, and runs each vector against the code that reads.
 */
import { type Bytes, fromHex } from '../../src/wire/bytes.ts';
import { admissionVectors } from './make/admission.ts';
import { aeadVectors, paddingVectors } from './make/aead.ts';
import { bodyVectors } from './make/body.ts';
import { cborVectors } from './make/cbor.ts';
import { certificateVectors } from './make/certificate.ts';
import { beaconVectors, haveVectors, wantVectors } from './make/claim.ts';
import { entryVectors } from './make/entry.ts';
import { envelopeVectors } from './make/envelope.ts';
import { fileVectors } from './make/file.ts';
import { forkVectors } from './make/fork.ts';
import { frameVectors } from './make/frame.ts';
import { genesisVectors } from './make/genesis.ts';
import { grantVectors } from './make/grant.ts';
import { bundleVectors, joinVectors } from './make/join.ts';
import { listVectors } from './make/list.ts';
import { needVectors } from './make/need.ts';
import { packetVectors } from './make/packet.ts';
import { payloadVectors } from './make/payload.ts';
import { prekeyVectors } from './make/prekey.ts';
import { roomVectors } from './make/room.ts';
import { makeScene, type Scene, seed, streamOf } from './make/scene.ts';
import { verificationVectors } from './make/verification.ts';
import type { Vector } from './subject.ts';

export interface VectorFile {
  readonly format: 'muster-vectors/2';
  readonly subject: string;
  readonly seed: number;
  readonly vectors: readonly Vector[];
}

const makers: Readonly<Record<string, (scene: Scene) => readonly Vector[]>> = {
  cbor: cborVectors,
  frame: frameVectors,
  aead: aeadVectors,
  padding: paddingVectors,
  genesis: genesisVectors,
  certificate: certificateVectors,
  prekey: prekeyVectors,
  packet: packetVectors,
  payload: payloadVectors,
  body: bodyVectors,
  entry: entryVectors,
  file: fileVectors,
  fork: forkVectors,
  grant: grantVectors,
  need: needVectors,
  envelope: envelopeVectors,
  have: haveVectors,
  want: wantVectors,
  beacon: beaconVectors,
  list: listVectors,
  admission: admissionVectors,
  bundle: bundleVectors,
  join: joinVectors,
  room: roomVectors,
  verification: verificationVectors,
};

export function makeVectors(): readonly VectorFile[] {
  const scene = makeScene();
  return Object.entries(makers).map(([subject, make]) => ({
    format: 'muster-vectors/2',
    subject,
    seed,
    vectors: make({ ...scene, random: streamOf(subject) }),
  }));
}

/** As it is written to disk, where the formatter may then lay it out in another way. */
export const fileOf = (file: object): string => `${JSON.stringify(file, null, 2)}\n`;

/** The examples of docs/protocol.md: subject and name of a positive vector, and which of its inputs or outputs is shown. */
const shownIn: readonly (readonly [example: string, subject: string, vector: string, shown: string])[] = [
  ['frame-hello', 'frame', 'device: hello', 'bytes'],
  ['frame-proof', 'frame', 'device: proof', 'bytes'],
  ['frame-append', 'frame', 'device: append', 'bytes'],
  ['frame-tail', 'frame', 'device: tail', 'bytes'],
  ['frame-challenge', 'frame', 'relay: challenge', 'bytes'],
  ['frame-deliver', 'frame', 'relay: deliver', 'bytes'],
  ['frame-refused', 'frame', 'relay: refused an append', 'bytes'],
  ['aead', 'aead', 'a short text', 'sealed'],
  ['prekey', 'prekey', 'the first of a device', 'prekey'],
  ['packet', 'packet', 'a payload', 'packet'],
  ['packet-warm', 'packet', 'the fourth, without the encapsulation, which was kept', 'packet'],
  ['entry', 'entry', 'the first of a feed', 'entry'],
  ['skeleton', 'entry', 'the first, without what it says', 'entry'],
  ['fork', 'fork', 'two entries for one place', 'proof'],
  ['file-index', 'file', 'the index', 'index'],
  ['announcement', 'envelope', 'an entry in the first bucket', 'announcement'],
  ['grant', 'grant', 'from the first bucket', 'payload'],
  ['need', 'payload', 'a request for grants', 'payload'],
  ['operations', 'payload', 'the operations of a room', 'payload'],
  ['give', 'payload', 'entries', 'payload'],
  ['envelope', 'envelope', 'an entry in the first bucket', 'envelope'],
  ['padding', 'padding', '1 bytes in 256', 'padded'],
  ['have', 'have', 'two stretches of another, which were read', 'body'],
  ['want', 'want', 'two entries and an operation', 'body'],
  ['beacon', 'beacon', 'one room, of which three entries are held', 'body'],
  ['genesis', 'genesis', 'two of three', 'genesis'],
  ['certificate', 'certificate', 'a laptop', 'certificate'],
  ['list', 'list', 'whole', 'list'],
  ['admission', 'admission', 'two devices', 'admission'],
  ['room', 'room', 'of an incident', 'genesis'],
  ['verification', 'verification', 'of two people', 'digest'],
];

export function makeExamples(files: readonly VectorFile[] = makeVectors()): ReadonlyMap<string, Bytes> {
  return new Map(
    shownIn.map(([example, subject, name, shown]) => {
      const vector = files.find((file) => file.subject === subject)?.vectors.find((each) => each.name === name);
      const output = vector?.output as Readonly<Record<string, unknown>> | undefined;
      const value = vector?.input[shown] ?? output?.[shown];
      if (vector?.expect !== 'ok' || typeof value !== 'string')
        throw new Error(`there is no good vector ${subject}: ${name}`);
      return [example, fromHex(value)];
    }),
  );
}

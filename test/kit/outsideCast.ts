/** Who and what the table in outside.ts is made of: an organisation, a room of two, an epoch and a few entries. */
import { encodeBody } from '../../src/core/body.ts';
import { type Entry, makeEntry, type SignKeyOf } from '../../src/core/entry.ts';
import { type Epoch, openEpoch } from '../../src/core/epoch.ts';
import type { Random } from '../../src/core/key.ts';
import { leaf } from '../../src/core/leaf.ts';
import { makeRoom } from '../../src/core/room.ts';
import { decode } from '../../src/wire/cbor.ts';
import { foundMuster } from './muster.ts';

const nowMs = 1_800_000_000_000;

const given = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('two members with a device each were founded');
  return value;
};

// The return type is what is in it: nobody else makes one.
export function castOf(random: Random) {
  const founded = foundMuster(random, { members: 2, relays: 1, drills: [{}] });
  const { list, leaves } = founded;
  const [ada, bela] = [given(founded.selves[0]), given(founded.selves[1])];
  const bodies = leaves.map((bytes) => decode(leaf, bytes).body);
  const devices = bodies.flatMap((body) => (body.type === 'member' ? body.devices : []));
  const room = makeRoom(
    list,
    { kind: 'incident', title: 'Ransom note', members: [ada.member, bela.member], founder: ada.device },
    nowMs,
    random,
  );
  const write = (text: string, previous?: Entry): Entry =>
    makeEntry(ada.keys.sign, room.id, {
      device: ada.device,
      seq: previous === undefined ? 0 : previous.seq + 1,
      ...(previous === undefined ? {} : { previous: previous.id }),
      heads: [],
      timeMs: nowMs,
      control: [],
      body: encodeBody({ type: 'text', text }),
      salt: random(16),
    });
  const first = write('mail is down');
  const facts = { room: room.id, control: [], listVersion: list.version, roster: list.devices };
  const epoch: Epoch = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const signKeyOf: SignKeyOf = (device) => list.devices.get(device)?.signKey;
  return {
    ...founded,
    nowMs,
    ada,
    bela,
    /** Bela's: what she holds of it, and what the list says of it. */
    prekey: given(bela.prekeys[0]),
    listed: given(list.devices.get(bela.device)),
    identity: given(founded.identities[1]).publicKey,
    certificate: given(devices[1]).certificate,
    bodies,
    room,
    facts,
    epoch,
    first,
    second: write('and so is the directory', first),
    other: write('mail is up'),
    signKeyOf,
  };
}

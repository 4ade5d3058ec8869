/**
 * Our side of the comparison: the built core, and the only file here that touches it. When the core changes, this is
 * what has to follow.
 */
import { randomBytes } from 'node:crypto';

const load = (name) => import(new URL(`../../../dist/src/${name}.js`, import.meta.url).href);
const names = ['body', 'entry', 'envelope', 'epoch', 'id', 'key', 'packet', 'payload', 'prekey', 'sodium'];
const core = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await load(`core/${name}`)])));
const { body, entry, envelope, id, key, packet, payload, sodium } = core;
await sodium.loadSodium();

const nowMs = 1_800_000_000_000;
const day = 86_400_000;
/** As src/responder does it. */
const random = (size) => new Uint8Array(randomBytes(size));
const newId = (kind) => kind.of(random(32));

function makeDevice() {
  const signKey = key.makeSignKey(random);
  const device = id.deviceOf(signKey.publicKey);
  const own = core.prekey.makePrekey(signKey, device, { seq: 0 }, { nowMs, forMs: 30 * day }, random);
  const known = { id: device, signKey: signKey.publicKey };
  return { id: device, key: signKey, own, known: { ...known, prekey: core.prekey.readPrekey(own.record, known) } };
}

/** A room of `size` devices. The first of them is the one that is measured. */
export function makeRoom(size) {
  const devices = Array.from({ length: size }, makeDevice);
  const me = devices[0];
  const roster = new Map(devices.map((device) => [device.id, device.known]));
  const facts = { room: newId(id.roomId), control: [newId(id.entryId)], listVersion: 1, roster };
  return { me, devices, facts, epoch: core.epoch.openEpoch(me.key, me.id, facts, nowMs, random) };
}

const factsOfEntry = (device, text, heads) => ({
  device,
  seq: 1000,
  previous: newId(id.entryId),
  heads: Array.from({ length: heads }, () => newId(id.entryId)).sort(),
  timeMs: nowMs,
  control: [],
  body: body.encodeBody({ type: 'text', text }),
  salt: random(16),
});

/**
 * A text from the text to the envelope and back to the text: body, padding, signature, commitment and all.
 * `bucket` is how far the epoch has ratcheted since it was opened.
 */
export function messenger({ me, facts, epoch }, bucket) {
  const keyOf = (device) => facts.roster.get(device)?.signKey;
  const previous = newId(id.entryId);
  const heads = [newId(id.entryId)];
  return {
    seal(text) {
      const made = entry.makeEntry(me.key, facts.room, {
        ...{ device: me.id, seq: 1000, previous, heads, timeMs: nowMs, control: [] },
        ...{ body: body.encodeBody({ type: 'text', text }), salt: random(16) },
      });
      return envelope.sealEnvelope(epoch, bucket, { type: 'entry', bytes: made.bytes }, random);
    },
    open(bytes) {
      const frame = envelope.openEnvelope(epoch, bytes);
      return body.readBody(entry.readEntry(frame.bytes, facts.room, keyOf).body).text;
    },
  };
}

/** Bytes of an envelope with `text` whose entry names `heads` entries of others. */
export function measureEnvelope({ me, facts, epoch }, text, heads) {
  const made = entry.makeEntry(me.key, facts.room, factsOfEntry(me.id, text, heads));
  return envelope.sealEnvelope(epoch, 0, { type: 'entry', bytes: made.bytes }, random).length;
}

/** A grant as it is sealed into a packet. */
const payloadOf = (grant) => payload.encodePayload({ type: 'grant', ...grant });

const heard = (chain) => ({ ...chain, isHeard: true });
const startChain = ({ known }) => packet.startChain(known.prekey, random);

/**
 * Removing the last device: a new epoch, granted to every other one. Gives the packets. Cold: nothing was ever sent
 * to these prekeys. Started: a chain was made in advance, or its packets were not answered yet. Warm: they were.
 */
export function remover({ me, devices, facts }) {
  const remaining = devices.slice(0, -1);
  const roster = new Map(remaining.map((device) => [device.id, device.known]));
  const others = remaining.slice(1);
  const granter = { key: me.key, device: me.id };
  const grantAll = (chainTo) => {
    const epoch = core.epoch.openEpoch(me.key, me.id, { ...facts, roster }, nowMs, random);
    return others.map((other) => {
      const grant = payloadOf(core.epoch.makeGrant(epoch, granter, other.own.id));
      const sealed = packet.sealPacket(chainTo(other), grant, random);
      return { other, ...sealed };
    });
  };
  const grantAlong = (first) => {
    const chains = new Map(others.map((other) => [other.id, first(startChain(other))]));
    return () =>
      grantAll((other) => chains.get(other.id)).map((each) => {
        chains.set(each.other.id, each.chain);
        return each.packet;
      });
  };
  return {
    cold: () => grantAll(startChain).map((each) => each.packet),
    started: grantAlong((chain) => chain),
    warm: grantAlong(heard),
  };
}

/** Bytes in a value, with 8 for a number and 1 for a truth value: what any compact form would need. */
function sizeOf(value) {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'number') return 8;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'string') return /^([0-9a-f]{2})+$/.test(value) ? value.length / 2 : Buffer.byteLength(value);
  if (value === undefined) return 0;
  if (typeof value.open === 'function') return value.open().length;
  return Object.values(value).reduce((sum, each) => sum + sizeOf(each), 0);
}

/**
 * What the first device keeps of a room: bytes by kind. The pairs are those of a device that has sent to everyone and
 * was sent to by everyone, and whose ciphertexts were all heard.
 */
export function measureState({ me, devices, facts, epoch }) {
  const others = devices.slice(1);
  const chains = others.map((other) => ({ ...heard(startChain(other)), ciphertext: undefined }));
  const pairOf = (other) => {
    const { packet: bytes } = packet.sealPacket(packet.startChain(me.known.prekey, random), new Uint8Array(1), random);
    const { ref, pair } = packet.openPacket(bytes, [me.own], new Map(), me.id);
    return { device: other.id, ref, ...pair };
  };
  return {
    roster: devices.reduce((sum, device) => sum + sizeOf([device.id, device.known.signKey]), 0),
    prekeys: others.reduce((sum, device) => sum + device.own.record.length, 0),
    'own keys': sizeOf([me.key.secret, me.own.record, me.own.seed]),
    epoch: sizeOf([epoch.announcement, epoch.secret, epoch.bucket]),
    // Per feed its device, count and head; beside them the heads that the next entry will name.
    feeds: devices.length * (32 + 8 + 32) + 8 * 32,
    // Per feed the operations it is known to know, at their fewest, and those nobody has built on.
    control: devices.length * 32 + facts.control.length * 32,
    'pairs, ours': sizeOf(chains),
    'pairs, theirs': sizeOf(others.map(pairOf)),
  };
}

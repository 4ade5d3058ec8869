/**
 * Our side of the comparison: the built core, and the only file here that touches it. When the core changes, this is
 * what has to follow.
 */
import { randomBytes } from 'node:crypto';

const load = (name) => import(new URL(`../../../dist/src/${name}.js`, import.meta.url).href);
const [body, entry, envelope, epochs, id, key, packet, prekeys, sodium] = await Promise.all(
  ['body', 'entry', 'envelope', 'epoch', 'id', 'key', 'packet', 'prekey', 'sodium'].map((name) => load(`core/${name}`)),
);
await sodium.loadSodium();

const nowMs = 1_800_000_000_000;
const day = 86_400_000;
/** As src/responder does it. */
const random = (size) => new Uint8Array(randomBytes(size));
const newId = (kind) => kind.of(random(32));

function makeDevice() {
  const signKey = key.makeSignKey(random);
  const device = id.deviceOf(signKey.publicKey);
  const own = prekeys.makePrekey(signKey, device, { seq: 0 }, { nowMs, forMs: 30 * day }, random);
  const known = { id: device, signKey: signKey.publicKey };
  return { id: device, key: signKey, own, known: { ...known, prekey: prekeys.readPrekey(own.record, known) } };
}

/** A room of `size` devices. The first of them is the one that is measured. */
export function makeRoom(size) {
  const devices = Array.from({ length: size }, makeDevice);
  const me = devices[0];
  const roster = new Map(devices.map((device) => [device.id, device.known]));
  const facts = { room: newId(id.roomId), control: [newId(id.entryId)], listVersion: 1, roster };
  return { me, devices, facts, epoch: epochs.openEpoch(me.key, me.id, facts, nowMs, random) };
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

/** Whether packets to a device that has answered before leave the key encapsulation out. */
export const hasChains = packet.startChain !== undefined;

const startChains = (others) =>
  new Map(others.map(({ known }) => [known.id, { ...packet.startChain(known.prekey, random), heard: true }]));

/**
 * Removing the last device: a new epoch, granted to every other one. Gives the packets. Cold: nothing was ever sent
 * to these prekeys. Warm: chains are there and were heard.
 */
export function remover({ me, devices, facts }) {
  const remaining = devices.slice(0, -1);
  const roster = new Map(remaining.map((device) => [device.id, device.known]));
  const others = remaining.slice(1);
  const granter = { key: me.key, device: me.id };
  const open = () => epochs.openEpoch(me.key, me.id, { ...facts, roster }, nowMs, random);
  const grantAll = (send) => {
    const epoch = open();
    return others.map(({ known }) => send(known, epochs.makeGrant(epoch, granter, known.prekey.id)));
  };
  const cold = hasChains
    ? (known, grant) => packet.sealPacket(packet.startChain(known.prekey, random), grant, random).packet
    : (known, grant) => packet.sealPacket(known.prekey, grant, random);
  if (!hasChains) return { cold: () => grantAll(cold) };
  const chains = startChains(others);
  const warm = (known, grant) => {
    const sealed = packet.sealPacket(chains.get(known.id), grant, random);
    chains.set(known.id, sealed.chain);
    return sealed.packet;
  };
  return { cold: () => grantAll(cold), warm: () => grantAll(warm) };
}

/** Bytes in a value, with 8 for a number and 1 for a truth value: what any compact form would need. */
function sizeOf(value) {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'number') return 8;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? 32 : Buffer.byteLength(value);
  if (value === null || typeof value !== 'object') return 0;
  if (typeof value.open === 'function') return value.open().length;
  return Object.values(value).reduce((sum, each) => sum + sizeOf(each), 0);
}

/** What the first device keeps of a room: bytes by kind. */
export function measureState({ me, devices, facts, epoch }) {
  const others = devices.slice(1);
  const parts = {
    roster: devices.reduce((sum, device) => sum + sizeOf([device.id, device.known.signKey]), 0),
    prekeys: others.reduce((sum, device) => sum + device.own.record.length, 0),
    'own keys': sizeOf([me.key.secret, me.own.record, me.own.seed]),
    epoch: sizeOf([epoch.announcement, epoch.secret, epoch.bucket]),
    // Per feed its device, count and head; beside them the heads that the next entry will name.
    feeds: devices.length * (32 + 8 + 32) + 8 * 32,
    control: facts.control.length * 32 + devices.length * 32,
  };
  if (!hasChains) return parts;
  const chains = [...startChains(others).values()];
  // Towards us each device has a chain as well. What was heard needs its ciphertext no more, on either side.
  const sizes = chains.map((chain) => sizeOf(chain) - (chain.heard ? sizeOf(chain.ciphertext) : 0));
  return { ...parts, 'warm pairs': 2 * sizes.reduce((sum, size) => sum + size, 0) };
}

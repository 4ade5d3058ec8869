/**
 * libsignal: sessions made with PQXDH, sender keys for groups. Stores keep what libsignal hands them in memory and
 * serialise it, as libsignal's users must: a record that is not written is lost with the process.
 */
import { randomUUID } from 'node:crypto';
import { door } from './peers.mjs';

/** A store of records by key, with the pair of methods that libsignal calls. */
function makeStore(Base, save, get, read) {
  const Store = class extends Base {
    rows = new Map();
  };
  Store.prototype[save] = async function (...args) {
    const record = args.pop();
    this.rows.set(args.map(String).join('/'), record.serialize());
  };
  Store.prototype[get] = async function (...args) {
    const bytes = this.rows.get(args.map(String).join('/'));
    return bytes === undefined ? null : read(bytes);
  };
  return Store;
}

export async function loadSignal(scratch) {
  const lib = await door(scratch, 'signal');
  const Sessions = makeStore(lib.SessionStore, 'saveSession', 'getSession', (b) => lib.SessionRecord.deserialize(b));
  const PreKeys = makeStore(lib.PreKeyStore, 'savePreKey', 'getPreKey', (b) => lib.PreKeyRecord.deserialize(b));
  PreKeys.prototype.removePreKey = async function (key) {
    this.rows.delete(String(key));
  };
  const read = { signed: lib.SignedPreKeyRecord, kyber: lib.KyberPreKeyRecord, sender: lib.SenderKeyRecord };
  const Signed = makeStore(lib.SignedPreKeyStore, 'saveSignedPreKey', 'getSignedPreKey', (b) =>
    read.signed.deserialize(b),
  );
  const Kyber = makeStore(lib.KyberPreKeyStore, 'saveKyberPreKey', 'getKyberPreKey', (b) => read.kyber.deserialize(b));
  Kyber.prototype.markKyberPreKeyUsed = async () => {};
  const Senders = makeStore(lib.SenderKeyStore, 'saveSenderKey', 'getSenderKey', (b) => read.sender.deserialize(b));
  class Identities extends lib.IdentityKeyStore {
    constructor(pair, registration) {
      super();
      this.pair = pair;
      this.registration = registration;
    }
    getIdentityKey = async () => this.pair.privateKey;
    getIdentityKeyPair = async () => this.pair;
    getLocalRegistrationId = async () => this.registration;
    saveIdentity = async () => lib.IdentityChange.NewOrUnchanged;
    isTrustedIdentity = async () => true;
    getIdentity = async () => null;
  }

  class Device {
    constructor(name, number) {
      this.address = lib.ProtocolAddress.new(name, 1);
      this.identity = lib.IdentityKeyPair.generate();
      this.identities = new Identities(this.identity, number + 1);
      this.sessions = new Sessions();
      this.preKeys = new PreKeys();
      this.signed = new Signed();
      this.kyber = new Kyber();
      this.senders = new Senders();
    }

    async bundle() {
      const once = lib.PrivateKey.generate();
      const signed = lib.PrivateKey.generate();
      const kem = lib.KEMKeyPair.generate();
      const sign = (publicKey) => this.identity.privateKey.sign(publicKey.serialize());
      const signedBy = sign(signed.getPublicKey());
      const kemSigned = sign(kem.getPublicKey());
      await this.preKeys.savePreKey(1, lib.PreKeyRecord.new(1, once.getPublicKey(), once));
      const record = lib.SignedPreKeyRecord.new(1, Date.now(), signed.getPublicKey(), signed, signedBy);
      await this.signed.saveSignedPreKey(1, record);
      await this.kyber.saveKyberPreKey(1, lib.KyberPreKeyRecord.new(1, Date.now(), kem, kemSigned));
      const keys = [1, once.getPublicKey(), 1, signed.getPublicKey(), signedBy, this.identity.publicKey];
      const number = this.identities.registration;
      return lib.PreKeyBundle.new(number, 1, ...keys, 1, kem.getPublicKey(), kemSigned);
    }

    async meet(peer) {
      const bundle = await peer.bundle();
      await lib.processPreKeyBundle(bundle, peer.address, this.address, this.sessions, this.identities);
    }

    encrypt(peer, bytes) {
      return lib.signalEncrypt(bytes, peer.address, this.address, this.sessions, this.identities);
    }

    decrypt(peer, sealed) {
      const bytes = sealed.serialize();
      const stores = [peer.address, this.address, this.sessions, this.identities];
      if (sealed.type() !== lib.CiphertextMessageType.PreKey)
        return lib.signalDecrypt(lib.SignalMessage.deserialize(bytes), ...stores);
      const message = lib.PreKeySignalMessage.deserialize(bytes);
      return lib.signalDecryptPreKey(message, ...stores, this.preKeys, this.signed, this.kyber);
    }

    async announce(group) {
      const made = await lib.SenderKeyDistributionMessage.create(this.address, group, this.senders);
      return made.serialize();
    }

    hear(peer, announced) {
      const message = lib.SenderKeyDistributionMessage.deserialize(announced);
      return lib.processSenderKeyDistributionMessage(peer.address, message, this.senders);
    }
  }
  return { lib, Device };
}

/** Sealing to a group with a sender key that one peer has heard. */
export async function messenger({ lib, Device }) {
  const [me, peer] = [new Device('me', 0), new Device('peer', 1)];
  const group = randomUUID();
  await peer.hear(me, await me.announce(group));
  return {
    seal: async (bytes) => (await lib.groupEncrypt(me.address, group, me.senders, bytes)).serialize(),
    open: (bytes) => lib.groupDecrypt(me.address, peer.senders, bytes),
  };
}

/** A member of a group of `size` with an answered session to everyone else, and everyone's sender key. */
export async function joinGroup({ Device }, size) {
  const me = new Device('me', 0);
  const peers = Array.from({ length: size - 1 }, (_, i) => new Device(`peer${i}`, i + 1));
  const group = randomUUID();
  const mine = await me.announce(group);
  for (const peer of peers) {
    await me.meet(peer);
    await peer.hear(me, await peer.decrypt(me, await me.encrypt(peer, mine)));
    await me.hear(peer, await me.decrypt(peer, await peer.encrypt(me, await peer.announce(group))));
  }
  return { me, peers };
}

/** Removing the last: a new sender key, sent to everyone else through the session. Gives the messages. */
export const remover =
  ({ me, peers }) =>
  async () => {
    const announced = await me.announce(randomUUID());
    const sealed = [];
    for (const peer of peers.slice(0, -1)) sealed.push((await me.encrypt(peer, announced)).serialize());
    return sealed;
  };

export function measureState({ me }) {
  const sum = (rows) => [...rows.values()].reduce((total, bytes) => total + bytes.length, 0);
  return { sessions: sum(me.sessions.rows), 'sender keys': sum(me.senders.rows) };
}

/**
 * The Matrix SDK's encryption (vodozemac as WebAssembly): whole OlmMachines with a home server of a few lines, one
 * device for each user. What the machine writes for the network is JSON, and that is what is counted.
 */
import { door } from './peers.mjs';

const roomName = '!room:example.org';

export async function loadMatrix(scratch) {
  const lib = await door(scratch, 'matrix');
  await lib.initAsync();
  return lib;
}

/** Keys and to-device messages by user; the machines speak to each other only through it. */
class Home {
  constructor(lib) {
    this.lib = lib;
    this.keys = new Map();
    this.oneTime = new Map();
    this.inbox = new Map();
  }

  async join(user) {
    const machine = await this.lib.OlmMachine.initialize(new this.lib.UserId(user), new this.lib.DeviceId('D'));
    const member = { user, machine };
    await this.serve(member);
    return member;
  }

  /** Answers what the machine asks: uploads and queries of keys. */
  async serve({ user, machine }) {
    const { RequestType } = this.lib;
    for (const request of await machine.outgoingRequests()) {
      const asked = JSON.parse(request.body ?? '{}');
      let answer = {};
      if (request.type === RequestType.KeysUpload) {
        if (asked.device_keys) this.keys.set(user, asked.device_keys);
        if (asked.one_time_keys) this.oneTime.set(user, Object.entries(asked.one_time_keys));
        answer = { one_time_key_counts: { signed_curve25519: this.oneTime.get(user)?.length ?? 0 } };
      } else if (request.type === RequestType.KeysQuery) {
        const found = Object.keys(asked.device_keys).map((each) => [each, { D: this.keys.get(each) }]);
        answer = { device_keys: Object.fromEntries(found), failures: {} };
      }
      await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
    }
  }

  /** Learns the devices of `users`. */
  async learn(member, users) {
    await member.machine.updateTrackedUsers(users.map((user) => new this.lib.UserId(user)));
    await this.serve(member);
  }

  /** Sets up sessions with them. */
  async meet(member, users) {
    const request = await member.machine.getMissingSessions(users.map((user) => new this.lib.UserId(user)));
    if (request === undefined) return;
    const wanted = Object.keys(JSON.parse(request.body).one_time_keys);
    const given = wanted.map((user) => [user, { D: Object.fromEntries([this.oneTime.get(user).pop()]) }]);
    const answer = { one_time_keys: Object.fromEntries(given), failures: {} };
    await member.machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
  }

  post(sender, user, content) {
    this.inbox.set(user, [...(this.inbox.get(user) ?? []), { sender, type: 'm.room.encrypted', content }]);
  }

  async deliver({ user, machine }) {
    const events = JSON.stringify(this.inbox.get(user) ?? []);
    this.inbox.delete(user);
    const counts = new Map([['signed_curve25519', 50]]);
    await machine.receiveSyncChanges(events, new this.lib.DeviceLists(), counts, undefined, settings(this.lib));
  }
}

const settings = (lib) => new lib.DecryptionSettings(lib.TrustRequirement.Untrusted);

function share(lib, me, users) {
  const encryption = new lib.EncryptionSettings();
  // By default a key serves 100 messages, and sealing one more is refused: more than that is measured here.
  encryption.rotationPeriodMessages = 1_000_000n;
  const ids = users.map((user) => new lib.UserId(user));
  return me.machine.shareRoomKey(new lib.RoomId(roomName), ids, encryption);
}

/** Content for each device; marks the requests as sent. */
async function take(me, requests) {
  const messages = [];
  for (const request of requests) {
    for (const [user, devices] of Object.entries(JSON.parse(request.body).messages)) {
      for (const content of Object.values(devices)) messages.push({ user, content });
    }
    await me.machine.markRequestAsSent(request.id, request.type, '{}');
  }
  return messages;
}

/** A room of `size` in which everyone has the first one's key and has answered it once. */
export async function joinRoom(lib, size) {
  const home = new Home(lib);
  const members = [];
  for (let i = 0; i < size; i++) members.push(await home.join(`@u${i}:example.org`));
  const [me, ...others] = members;
  const users = members.map(({ user }) => user);
  await home.learn(me, users);
  await home.meet(me, users);
  for (const { user, content } of await take(me, await share(lib, me, users))) home.post(me.user, user, content);
  for (const other of others) {
    await home.learn(other, [me.user]);
    await home.deliver(other);
    const device = await other.machine.getDevice(new lib.UserId(me.user), new lib.DeviceId('D'));
    home.post(other.user, me.user, JSON.parse(await device.encryptToDeviceEvent('m.dummy', {})));
  }
  // An answered session sends shorter messages, without what sets it up.
  await home.deliver(me);
  return { lib, me, others, users };
}

export function messenger({ lib, me, others }) {
  const room = () => new lib.RoomId(roomName);
  let sent = 0;
  return {
    seal: (body) => me.machine.encryptRoomEvent(room(), 'm.room.message', body),
    open: (event) => others[0].machine.decryptRoomEvent(event, room(), settings(lib)),
    /** What a home server makes of it; not part of what is timed. */
    wrap: (content) =>
      JSON.stringify({
        ...{ event_id: `$${sent++}`, sender: me.user, type: 'm.room.encrypted', room_id: roomName },
        ...{ origin_server_ts: 1_700_000_000_000, content: JSON.parse(content), unsigned: {} },
      }),
  };
}

/** Removing the last: a new room key for everyone else. `rotate` is timed, `finish` gives the messages. */
export function remover({ lib, me, users }) {
  return {
    async rotate() {
      await me.machine.invalidateGroupSession(new lib.RoomId(roomName));
      return share(lib, me, users.slice(0, -1));
    },
    finish: (requests) => take(me, requests),
  };
}

/**
 * Our relay as a peer of the comparison: what it is started with, and a light client. The client enters like every
 * device, with a signature over the relay's nonce; what it sends in one turn goes in one append, as a device's does.
 * Frames are made and read by hand, so that it costs no more than the clients of the other peers.
 */
import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { accessProof, encodeAdmission, joinAdmission } from '../../../dist/src/core/admission.js';
import { genesis, orgOf, rootOf } from '../../../dist/src/core/genesis.js';
import { domain, suite } from '../../../dist/src/core/label.js';
import { loadSodium, sodium } from '../../../dist/src/core/sodium.js';
import { encode } from '../../../dist/src/wire/cbor.js';
import { decodeRelayFrame, encodeClientFrame } from '../../../dist/src/wire/frame.js';
import { accessKey } from '../../../dist/src/wire/id.js';
import { initRelay } from '../../../dist/server/run.js';

const itemsPerAppend = 512;
const bytesPerAppend = 900_000;

/** The bounds of a device and of one address, above what a bench sends from one. All others are as they come. */
const bounds = Object.entries({
  connections: 16_384,
  strangers: 16_384,
  connectionsPerDevice: 16_384,
  connectionsPerAddress: 16_384,
  strangersPerAddress: 16_384,
  framesPerSecond: 1e9,
  framesAtOnce: 1e9,
  envelopesPerSecond: 1e9,
  envelopesAtOnce: 1e9,
  bytesPerSecond: 1e12,
  bytesAtOnce: 1e12,
}).flatMap(([name, value]) => ['--limit', `${name}=${value}`]);

await loadSodium();

/** An organisation with one custodian and one device, kept beside the relay's data. */
export function organisation(dir) {
  const path = join(dir, 'bench.json');
  try {
    const { org, secret, access } = JSON.parse(readFileSync(path, 'utf8'));
    return { org, access, secret: Buffer.from(secret, 'hex') };
  } catch {
    // first start in this folder
  }
  const custodian = sodium().crypto_sign_keypair();
  const device = sodium().crypto_sign_keypair();
  const root = {
    suite,
    name: 'Bench',
    threshold: 1,
    custodians: [{ name: 'Custodian', key: custodian.publicKey }],
    salt: sodium().randombytes_buf(32),
  };
  const bytes = encode(genesis, root);
  const access = accessKey.of(device.publicKey);
  const body = encodeAdmission({
    suite,
    root: rootOf(bytes),
    version: 1,
    issuedAtMs: 1_750_000_000_000,
    access: [access],
  });
  const signature = sodium().crypto_sign_detached(domain('sign', 'admission', body), custodian.privateKey);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'admission'), joinAdmission(body, [{ custodian: 0, signature }]));
  const made = { org: orgOf(bytes), access, secret: Buffer.from(device.privateKey).toString('hex') };
  writeFileSync(path, JSON.stringify(made));
  return { ...made, secret: device.privateKey };
}

const topicOf = (id) => createHash('sha256').update(id).digest();
const fanTopic = topicOf('fan');

async function enter(ctx, isPlain, onFrame) {
  const { org, access, secret } = organisation(ctx.dir);
  const socket = new WebSocket(`${isPlain ? 'ws' : 'wss'}://127.0.0.1:${ctx.port}/`, {
    perMessageDeflate: false,
    rejectUnauthorized: false,
  });
  await new Promise((done, fail) => {
    socket.once('error', fail);
    socket.on('open', () => {
      socket._socket.setNoDelay(true);
      socket.send(encodeClientFrame({ type: 'hello', versions: [1] }));
    });
    socket.on('message', (bytes) => {
      const tag = bytes[1];
      if (tag === 1) {
        const { nonce, version } = decodeRelayFrame(bytes);
        const signed = domain('sign', 'access', ...accessProof(nonce, ctx.pin, org, version));
        const signature = sodium().crypto_sign_detached(signed, secret);
        socket.send(encodeClientFrame({ type: 'proof', org, access, signature }));
      } else if (tag === 2) done();
      else if (tag === 8) fail(new Error(`refused: ${decodeRelayFrame(bytes).code}`));
      else onFrame(bytes, tag);
    });
  });
  return socket;
}

/** Length of a CBOR argument and its value; integers up to 2^53. */
function headAt(bytes, at) {
  const info = bytes[at] & 0x1f;
  if (info < 24) return [info, at + 1];
  if (info === 24) return [bytes[at + 1], at + 2];
  if (info === 25) return [bytes.readUInt16BE(at + 1), at + 3];
  if (info === 26) return [bytes.readUInt32BE(at + 1), at + 5];
  return [bytes.readUInt32BE(at + 1) * 2 ** 32 + bytes.readUInt32BE(at + 5), at + 9];
}
const skipAt = (bytes, at) => at + [1, 2, 3, 5, 9][Math.max(0, (bytes[at] & 0x1f) - 23)];

/** `template`: a folder below the working directory whose store it starts with. */
export function musterPeer(name, { isPlain = true, nodeOptions, template } = {}) {
  return {
    name,
    rawClient: true,
    async start(ctx) {
      // The cases run in the folder of the peers.
      const { spawnServer, waitPort } = await import(`file://${process.cwd()}/lib/proc.mjs`);
      if (template !== undefined && !existsSync(join(ctx.dir, 'relay.db'))) {
        cpSync(template, ctx.dir, { recursive: true });
        const file = openSync(join(ctx.dir, 'relay.db'));
        fsyncSync(file); // or the relay's first commit waits for the copy
        closeSync(file);
      }
      const { org } = organisation(ctx.dir);
      ({ pin: ctx.pin } = await initRelay(ctx.dir));
      const bundle = fileURLToPath(new URL('../../../dist/relay.mjs', import.meta.url));
      const options = ['--data', ctx.dir, '--listen', `127.0.0.1:${ctx.port}`, '--org', org, '--log-level', 'error'];
      const list = ['--admission', join(ctx.dir, 'admission'), '--tls', isPlain ? 'off' : 'own'];
      const flags = nodeOptions ?? [];
      const server = spawnServer(process.execPath, [...flags, bundle, 'start', ...options, ...list, ...bounds], {
        log: ctx.log,
      });
      await waitPort(ctx.port);
      return server;
    },
    async setup() {},
    async publisher(ctx) {
      const waiting = new Map();
      let ref = 0;
      let turn = [];
      const socket = await enter(ctx, isPlain, (bytes, tag) => {
        if (tag !== 3) return;
        const [of] = headAt(bytes, 4);
        const sent = waiting.get(of);
        waiting.delete(of);
        for (const done of sent) done();
      });
      const flush = () => {
        const items = turn;
        if (items.length === 0) return; // left already, because a frame was full
        turn = [];
        let size = 16;
        for (const { body } of items) size += 1 + 34 + 5 + body.length;
        const frame = Buffer.allocUnsafe(size);
        frame.set([0x82, 3, 0xa2, 1, 0x1a], 0);
        ref += 1;
        frame.writeUInt32BE(ref + 0x10000, 5); // always the long form
        frame[9] = 2;
        let at = 10;
        if (items.length < 24) frame[at++] = 0x80 | items.length;
        else if (items.length < 256) {
          frame[at++] = 0x98;
          frame[at++] = items.length;
        } else {
          frame[at++] = 0x99;
          at = frame.writeUInt16BE(items.length, at);
        }
        for (const { topic, body } of items) {
          frame[at] = 0x82;
          frame[at + 1] = 0x58;
          frame[at + 2] = 32;
          frame.set(topic, at + 3);
          frame[at + 35] = 0x59;
          frame.writeUInt16BE(body.length, at + 36);
          frame.set(body, at + 38);
          at += 38 + body.length;
        }
        waiting.set(
          ref + 0x10000,
          items.map(({ done }) => done),
        );
        socket.send(frame.subarray(0, at));
      };
      const send = (topic, body) =>
        new Promise((done) => {
          if (turn.length === 0) setImmediate(flush);
          turn.push({ topic, body, done });
          if (turn.length === itemsPerAppend || turn.length * (body.length + 64) > bytesPerAppend) flush();
        });
      const topics = new Map();
      const known = (id) => {
        let topic = topics.get(id);
        if (topic === undefined) {
          topic = topicOf(id);
          topics.set(id, topic);
        }
        return topic;
      };
      return {
        send: (id, body) => send(known(id), body),
        fanout: (_ids, body) => send(fanTopic, body),
        close: () => socket.terminate(),
      };
    },
    async subscriber(ctx, id, onMessage, { fan } = {}) {
      let isLive;
      const live = new Promise((done) => {
        isLive = done;
      });
      const socket = await enter(ctx, isPlain, (bytes, tag) => {
        if (tag === 5) isLive();
        if (tag !== 4) return;
        // 82 04 a2 01 58 20 <topic> 02 <array> then triples
        let [count, at] = headAt(bytes, 39);
        for (; count > 0; count--) {
          at = skipAt(bytes, skipAt(bytes, at + 1));
          const [length, from] = headAt(bytes, at);
          at = from + length;
          onMessage(bytes.subarray(from, at));
        }
      });
      const topic = fan ? fanTopic : topicOf(id);
      socket.send(Buffer.concat([Buffer.from([0x82, 4, 0xa2, 1, 0x58, 32]), topic, Buffer.from([2, 0])]));
      await live;
      return { close: () => socket.terminate() };
    },
    async idle(ctx, from, count) {
      const all = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const socket = await enter(ctx, isPlain, () => {});
          socket.send(
            Buffer.concat([Buffer.from([0x82, 4, 0xa2, 1, 0x58, 32]), topicOf(`u${from + i}`), Buffer.from([2, 0])]),
          );
          return socket;
        }),
      );
      return {
        close() {
          for (const socket of all) socket.terminate();
        },
      };
    },
  };
}

/**
 * Clients that do not speak as they should, by the hundred, at a relay in a process of its own: each is refused or cut,
 * an honest device is served at once all the while, and the process does not grow.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeClientFrame } from '../../src/wire/frame.ts';
import { limit } from '../../src/wire/limit.ts';
import { Hostile, opcodes, upgradeRequest, wsFrame } from '../kit/hostile.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  greet,
  makeDataDir,
  prove,
  type RelayProcess,
  residentBytes,
  spawnRelay,
  topicNumber,
} from '../kit/relay.ts';

let dataDir = '';
let relay: RelayProcess;
let org: TestOrg;
let honest: TestDevice;
let hostile: TestDevice;
const MiB = 1024 * 1024;

beforeAll(async () => {
  dataDir = makeDataDir();
  org = await makeOrg();
  [honest, hostile] = [await makeDevice(), await makeDevice()];
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([honest, hostile]));
  // So little that a few kilobytes kept of every socket would end the process before the last test.
  relay = await spawnRelay(dataDir, org.org, admission, { nodeArgs: ['--max-old-space-size=48'] });
});
afterAll(() => {
  relay.child.kill('SIGKILL');
  dropDataDir(dataDir);
});

let numbers = 0;
/** From knocking to an acknowledgement and back out of the store. */
async function serveHonest(): Promise<void> {
  numbers += 1;
  const client = await enter(relay, org, honest);
  client.send({ type: 'append', ref: numbers, items: [[topicNumber(1), envelopeNumber(numbers)]] });
  const { receipts } = await client.take('appended');
  const offset = receipts[0]?.[0] ?? 0;
  client.send({ type: 'tail', topic: topicNumber(1), from: offset - 1 });
  expect((await client.take('deliver')).items[0]?.[0]).toBe(offset);
  client.close();
}

/** Some at a time, until all are done. */
async function inRows(count: number, atOnce: number, attack: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - done) }, () => attack()));
}

const hello = encodeClientFrame({ type: 'hello', versions: [1] });
const binary = (payload: Uint8Array) => wsFrame({ opcode: opcodes.binary, payload });

/** Opens a websocket, says this, is hung up on. */
const afterUpgrade =
  (...frames: readonly Uint8Array[]) =>
  async (): Promise<void> => {
    const client = await Hostile.ws(relay.port);
    for (const frame of frames) client.send(frame);
    await client.whenClosed();
    client.drop();
  };
const overTls = (text: string | Uint8Array) => async (): Promise<void> => {
  const client = Hostile.tls(relay.port).send(text);
  await client.whenClosed();
  client.drop();
};

const attacks: readonly (readonly [name: string, count: number, attack: () => Promise<void>])[] = [
  ['a message larger than a frame may be', 30, afterUpgrade(binary(new Uint8Array(limit.frameBytes + 1)))],
  ['a length of 2^62 and nothing behind it', 120, afterUpgrade(wsFrame({ opcode: opcodes.binary, claims: 1n << 62n }))],
  ['a length of 2^63', 120, afterUpgrade(wsFrame({ opcode: opcodes.binary, claims: 1n << 63n }))],
  ['a frame without a mask', 120, afterUpgrade(wsFrame({ opcode: opcodes.binary, payload: hello, isMasked: false }))],
  ['a compressed frame', 120, afterUpgrade(wsFrame({ opcode: opcodes.binary, payload: hello, isCompressed: true }))],
  ['an opcode that does not exist', 120, afterUpgrade(wsFrame({ opcode: opcodes.reserved, payload: hello }))],
  ['a continuation of nothing', 120, afterUpgrade(wsFrame({ opcode: opcodes.continuation, payload: hello }))],
  [
    'a message begun inside another',
    120,
    afterUpgrade(wsFrame({ opcode: opcodes.binary, payload: hello, isLast: false }), binary(hello)),
  ],
  [
    'a message in a million pieces',
    8,
    afterUpgrade(
      wsFrame({ opcode: opcodes.binary, payload: Uint8Array.of(1), isLast: false }),
      ...Array.from({ length: 64 }, () =>
        Buffer.concat(
          Array.from({ length: 16_000 }, () =>
            wsFrame({ opcode: opcodes.continuation, payload: Uint8Array.of(1), isLast: false }),
          ),
        ),
      ),
    ),
  ],
  ['a ping that is too long', 120, afterUpgrade(wsFrame({ opcode: opcodes.ping, payload: new Uint8Array(126) }))],
  ['a ping in pieces', 120, afterUpgrade(wsFrame({ opcode: opcodes.ping, isLast: false }))],
  ['text', 120, afterUpgrade(wsFrame({ opcode: opcodes.text, payload: Buffer.from('{"hello":1}') }))],
  ['text that is no UTF-8', 120, afterUpgrade(wsFrame({ opcode: opcodes.text, payload: Uint8Array.of(0xff, 0xc0) }))],
  ['an empty message', 120, afterUpgrade(binary(new Uint8Array(0)))],
  ['half a frame', 120, afterUpgrade(binary(hello.subarray(0, 4)))],
  ['noise', 120, afterUpgrade(binary(new Uint8Array(3000).fill(0x9b)))],
  ['a version that nobody speaks', 120, afterUpgrade(binary(encodeClientFrame({ type: 'hello', versions: [99] })))],
  ['hello a thousand times at once', 100, afterUpgrade(...Array.from({ length: 1000 }, () => binary(hello)))],
  [
    'an append before proof',
    120,
    afterUpgrade(
      binary(hello),
      binary(encodeClientFrame({ type: 'append', ref: 1, items: [[topicNumber(1), envelopeNumber(1)]] })),
    ),
  ],
  ['no HTTP', 120, overTls('\0\0\0\0 nonsense\r\n\r\n')],
  ['HTTP/2', 120, overTls('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['CONNECT to somewhere else', 120, overTls('CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['TRACE', 120, overTls('TRACE / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['headers without end', 100, overTls(`GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(20_000)}`)],
  ['one header without end', 100, overTls(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(200_000)}`)],
  [
    'two lengths of one body',
    120,
    overTls('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n'),
  ],
  [
    'an upgrade to something else',
    120,
    overTls('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
  ],
  ['a websocket of an older kind', 120, overTls(upgradeRequest().replace('Version: 13', 'Version: 7'))],
  ['a websocket without a key', 120, overTls(upgradeRequest().replace(/Sec-WebSocket-Key.*\r\n/, ''))],
  [
    'a health question to somewhere else, often',
    120,
    overTls('GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50)),
  ],
  [
    'plain HTTP at the TLS port',
    120,
    async () => {
      const client = Hostile.tcp(relay.port).send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await client.whenClosed();
      client.drop();
    },
  ],
  [
    'a TLS record that is too long',
    120,
    async () => {
      const client = Hostile.tcp(relay.port).send(
        Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000)]),
      );
      await client.whenClosed();
      client.drop();
    },
  ],
  [
    'a signature that is wrong, twice',
    60,
    async () => {
      const { client, challenge } = await greet(relay.port);
      const stranger = { ...hostile, signAccess: () => new Uint8Array(64) };
      for (let i = 0; i < 2; i++) prove(client, challenge, relay.pin, org.org, stranger);
      expect((await client.whenClosed()).code).toBe(4403);
    },
  ],
];

describe('a relay of its own', () => {
  it.each(attacks)('refuses %s', async (_name, count, attack) => {
    // Some to warm up: compiled code and pools are no leak.
    await inRows(Math.ceil(count / 4), 40, attack);
    const before = residentBytes(relay);
    const during = { isOver: false };
    const attacking = inRows(count, 40, attack).finally(() => {
      during.isOver = true;
    });
    for (let served = 0; served === 0 || (!during.isOver && served < 50); served++) await serveHonest();
    await attacking;
    await serveHonest();
    expect(relay.child.exitCode).toBeNull();
    // Pools and uncollected garbage come and go; a socket or a message kept for each would be far more by the end.
    expect(residentBytes(relay) - before).toBeLessThan(80 * MiB);
  });

  it('offers no compression, whatever is asked for', async () => {
    const client = await Hostile.ws(relay.port, [
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_no_context_takeover',
    ]);
    expect(client.received.toString('latin1')).not.toContain('permessage-deflate');
    client.drop();
  });

  it('has not grown over all of it, and stops when it is told to', async () => {
    expect(residentBytes(relay)).toBeLessThan(400 * MiB);
    expect(await relay.stop()).toBe(0);
  });
});

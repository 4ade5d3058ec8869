/**
 * Clients that take their time, that never read, that are many, or that are not there any more: each is cut in time,
 * holds bounded memory, and keeps nobody else out.
 */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeClientFrame } from '../../src/wire/frame.ts';
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
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const MiB = 1024 * 1024;
const topic = topicNumber(1);
let org: TestOrg;
let honest: TestDevice;
let hostile: TestDevice;
let dataDir = '';
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  org = await makeOrg();
  [honest, hostile] = [await makeDevice(), await makeDevice()];
  dataDir = makeDataDir();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  dropDataDir(dataDir);
});

async function spawn(nodeArgs: readonly string[] = []): Promise<RelayProcess> {
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([honest, hostile]));
  const relay = await spawnRelay(dataDir, org.org, admission, { nodeArgs });
  ends.push(() => relay.kill());
  return relay;
}

async function start(options: Parameters<typeof startTestRelay>[1]): Promise<TestRelay> {
  const relay = await startTestRelay([org.org], { dataDir, admission: org.list([honest, hostile]), ...options });
  ends.push(() => relay.close());
  return relay;
}

let numbers = 0;
async function serveHonest(relay: { readonly port: number; readonly pin: RelayProcess['pin'] }): Promise<void> {
  numbers += 1;
  const client = await enter(relay, org, honest);
  client.send({ type: 'append', ref: numbers, items: [[topicNumber(9), envelopeNumber(numbers)]] });
  await client.take('appended');
  client.close();
}

describe('the slow', () => {
  /** Says its text a byte at a time, as slowly as it can without being silent. */
  const drip = (client: Hostile, text: string | Uint8Array): (() => void) => {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    let at = 0;
    const dripping = setInterval(() => {
      client.send(Uint8Array.of(bytes[at] ?? 0x20));
      at += 1;
    }, 400);
    return () => clearInterval(dripping);
  };

  it('are cut at every stage before the proof, and hold up nobody', async () => {
    const relay = await spawn();
    const opened = await Hostile.ws(relay.port);
    const greeted = await Hostile.ws(relay.port);
    greeted.send(wsFrame({ opcode: opcodes.binary, payload: encodeClientFrame({ type: 'hello', versions: [1] }) }));
    const stages: Record<string, readonly [Hostile, string | Uint8Array | undefined]> = {
      'TCP, silent': [Hostile.tcp(relay.port), undefined],
      'TLS, dripping': [Hostile.tcp(relay.port), Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
      'HTTP, silent': [Hostile.tls(relay.port), undefined],
      'HTTP, dripping': [Hostile.tls(relay.port), 'GET / HTTP/1.1\r\nHost: relay\r\nX: y'],
      'HTTP body, dripping': [
        Hostile.tls(relay.port).send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n'),
        'body',
      ],
      'websocket handshake, dripping': [Hostile.tls(relay.port), upgradeRequest()],
      'websocket, silent': [opened, undefined],
      'websocket frame, dripping': [
        await Hostile.ws(relay.port),
        wsFrame({ opcode: opcodes.binary, payload: new Uint8Array(1000) }),
      ],
      'pings instead of a proof': [
        greeted,
        Buffer.concat(Array.from({ length: 40 }, () => wsFrame({ opcode: opcodes.ping }))),
      ],
    };
    for (const [client, text] of Object.values(stages)) if (text !== undefined) ends.push(drip(client, text));
    await serveHonest(relay);
    // Twice the time a proof may take, and the second in which Node looks.
    for (const [stage, [client]] of Object.entries(stages))
      await until(() => client.isClosed, `the relay hangs up on ${stage}`, 25_000);
    await serveHonest(relay);
  }, 60_000);
});

describe('the many', () => {
  it('who connect and say nothing do not keep a device out, nor stay', async () => {
    const relay = await spawn(['--max-old-space-size=64']);
    const crowd: Hostile[] = [];
    ends.push(() => crowd.map((each) => each.drop()));
    // No more at once than the system queues for a listener. Beyond, it drops some whose clients take themselves for
    // connected, say nothing, and so never hear that nobody is there.
    while (crowd.length < 1500) {
      const more = Array.from({ length: 250 }, () => Hostile.tcp(relay.port, '127.0.0.2'));
      crowd.push(...more);
      await until(() => more.every(({ socket }) => !socket.connecting), 'they are connected');
      await serveHonest(relay);
    }
    const websockets = await Promise.all(
      Array.from({ length: 300 }, (_, i) => Hostile.ws(relay.port, [], `127.0.0.${2 + (i % 3)}`)),
    );
    ends.push(() => websockets.map((each) => each.drop()));
    await serveHonest(relay);
    await until(() => [...crowd, ...websockets].every((each) => each.isClosed), 'all of them are gone', 40_000);
    await serveHonest(relay);
  }, 80_000);

  it('who come again and again leave nothing behind', async () => {
    const relay = await spawn(['--max-old-space-size=48']);
    const visit = async () => {
      const client = await Hostile.ws(relay.port);
      client.drop();
    };
    const visits = async (count: number) => {
      for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: 50 }, visit));
    };
    await visits(1000);
    const before = residentBytes(relay);
    await visits(2000);
    await serveHonest(relay);
    expect(residentBytes(relay) - before).toBeLessThan(60 * MiB);
  }, 60_000);
});

describe('those inside', () => {
  it('who never read hold no more than their share, and slow nobody', async () => {
    const relay = await spawn();
    const writer = await enter(relay, org, honest);
    for (let n = 0; n < 60; n++) {
      const items = Array.from({ length: 10 }, (_, i) => [topic, envelopeNumber(n * 10 + i, 100_000)] as const);
      writer.send({ type: 'append', ref: n, items: items.slice(0, 5) });
      writer.send({ type: 'append', ref: 1000 + n, items: items.slice(5) });
      await writer.take('appended');
      await writer.take('appended');
    }
    const before = residentBytes(relay);
    // 60 MB for each of four sockets of a device, if all of it were taken into memory.
    for (let i = 0; i < 4; i++) {
      const sleeper = await enter(relay, org, hostile);
      sleeper.socket.pause();
      for (let t = 0; t < 3; t++) sleeper.send({ type: 'tail', topic, from: 0 });
    }
    await serveHonest(relay);
    const eager = await enter(relay, org, honest);
    eager.send({ type: 'tail', topic, from: 0 });
    await eager.take('live', 20_000);
    await serveHonest(relay);
    expect(residentBytes(relay) - before).toBeLessThan(100 * MiB);
  }, 90_000);

  it('who flood are told to come back later, and only they', async () => {
    const relay = await spawn();
    const flooder = await enter(relay, org, hostile);
    for (let i = 0; i < 20_000; i++) flooder.send({ type: 'tail', topic: topicNumber(i % 3), from: 0 });
    expect(await flooder.take('refused', 20_000)).toMatchObject({ code: 'rate' });
    await serveHonest(relay);
    flooder.close();
  }, 60_000);

  it('who ping without end and never read the answers do not make it grow', async () => {
    const relay = await spawn();
    const pinger = await Hostile.ws(relay.port);
    pinger.socket.pause();
    const before = residentBytes(relay);
    const pings = Buffer.concat(
      Array.from({ length: 2000 }, () => wsFrame({ opcode: opcodes.ping, payload: new Uint8Array(125) })),
    );
    // Some 50 MB of pings; whoever answered each into memory would hold as much.
    for (let i = 0; i < 200 && !pinger.isClosed; i++) {
      pinger.send(pings);
      await until(() => pinger.isClosed || pinger.socket.writableLength < 4 * MiB, 'the relay takes them', 20_000);
    }
    expect(residentBytes(relay) - before).toBeLessThan(35 * MiB);
    await serveHonest(relay);
    pinger.drop();
  }, 60_000);

  it('who are revoked knock in vain', async () => {
    const relay = await start({});
    const admin = await enter(relay, org, honest);
    const inside = await enter(relay, org, hostile);
    admin.send({ type: 'admit', ref: 1, list: org.list([honest], { version: 2 }) });
    await admin.take('admitted');
    await inside.whenClosed();
    for (let i = 0; i < 50; i++) {
      const { client, challenge } = await greet(relay.port);
      prove(client, challenge, relay.pin, org.org, hostile);
      expect((await client.take('refused')).code).toBe('not-admitted');
      client.close();
    }
    await serveHonest(relay);
  }, 30_000);
});

describe('the half-open', () => {
  /** A way to the relay that can stop carrying anything without telling either side. */
  async function tunnel(port: number): Promise<{ readonly port: number; freeze(): void }> {
    const sockets: Socket[] = [];
    const server: Server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('data', (chunk) => to.write(chunk));
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        sockets.push(from);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return {
      port: address.port,
      freeze: () => {
        for (const socket of sockets) socket.pause();
      },
    };
  }

  it('ghosts of a device are found out and cut, and its next socket is let in meanwhile', async () => {
    const relay = await start({ limits: { pingMs: 300, connectionsPerDevice: 3 } });
    const way = await tunnel(relay.port);
    for (let i = 0; i < 3; i++) await enter({ ...relay, port: way.port }, org, hostile);
    way.freeze();
    const living = await enter(relay, org, hostile);
    living.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    await living.take('appended');
    await until(async () => (await relay.health()).admitted === 1, 'only the living one is left', 10_000);
    expect(living.closed).toBeUndefined();
  }, 30_000);
});

describe('one neighbour', () => {
  it('with more connections than there may be in all does not keep the others out', async () => {
    const relay = await start({ limits: { connections: 60 } });
    const crowd: Hostile[] = [];
    ends.push(() => crowd.map((each) => each.drop()));
    // In parts, so that none of them waits in the system's queue when the honest one knocks.
    while (crowd.length < 90) {
      const more = Array.from({ length: 30 }, () => Hostile.tcp(relay.port, '127.0.0.2'));
      crowd.push(...more);
      await until(() => more.every(({ socket, isClosed }) => !socket.connecting || isClosed), 'they have knocked');
      await serveHonest(relay);
    }
    await until(() => crowd.filter(({ isClosed }) => !isClosed).length <= 30, 'no more than half are left to it');
    await serveHonest(relay);
  }, 30_000);
});

/** Who gets in: hostile clients against a real relay. */
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessProof } from '../../src/core/admission.ts';
import { relayId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  greet,
  prove,
  RawClient,
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let alice: TestDevice;
let bob: TestDevice;
let relay: TestRelay;
const topic = topicNumber(1);

beforeAll(async () => {
  org = await makeOrg();
  alice = await makeDevice();
  bob = await makeDevice();
});
beforeEach(async () => {
  relay = await startTestRelay([org.org], { admission: org.list([alice, bob]) });
});
afterEach(async () => {
  await relay.close();
  dropDataDir(relay.dataDir);
});

describe('before welcome', () => {
  it('refuses an append from a socket that has not proved itself, and keeps nothing', async () => {
    const client = await new RawClient(relay.port).open();
    client.send({ type: 'append', ref: 7, items: [[topic, envelopeNumber(1)]] });
    expect(await client.take('refused')).toMatchObject({ code: 'wrong-order', ref: 7 });
    await client.whenClosed();
    const inside = await enter(relay, org, alice);
    inside.send({ type: 'tail', topic, from: 0 });
    expect(await inside.take('live')).toMatchObject({ upTo: 0 });
  });

  it.each(['tail', 'cast', 'proof', 'admit'] as const)('refuses %s as a first word', async (type) => {
    const client = await new RawClient(relay.port).open();
    const frames = {
      tail: { type, topic, from: 0 },
      cast: { type, topic, bytes: envelopeNumber(1) },
      proof: { type, org: org.org, access: alice.access, signature: new Uint8Array(64) },
      admit: { type, ref: 1, list: org.list([alice, bob], { version: 2 }) },
    };
    client.send(frames[type] as Parameters<RawClient['send']>[0]);
    expect((await client.take('refused')).code).toBe('wrong-order');
    await client.whenClosed();
  });

  it('refuses a tail after the challenge', async () => {
    const { client } = await greet(relay.port);
    client.send({ type: 'tail', topic, from: 0 });
    expect((await client.take('refused')).code).toBe('wrong-order');
    await client.whenClosed();
  });

  it('speaks no version it does not know', async () => {
    const client = await new RawClient(relay.port).open();
    client.send({ type: 'hello', versions: [200, 201] });
    expect((await client.take('refused')).code).toBe('unsupported-version');
    await client.whenClosed();
  });
});

describe('proof', () => {
  it('lets an admitted device in', async () => {
    const { client, challenge } = await greet(relay.port);
    prove(client, challenge, relay.pin, org.org, alice);
    expect(await client.take('welcome')).toMatchObject({ admission: 1 });
  });

  it('refuses a wrong signature', async () => {
    const { client } = await greet(relay.port);
    client.send({ type: 'proof', org: org.org, access: alice.access, signature: new Uint8Array(64).fill(1) });
    expect((await client.take('refused')).code).toBe('not-admitted');
  });

  it('refuses a proof made for another relay: one in the middle cannot pass it on', async () => {
    const { client, challenge } = await greet(relay.port);
    prove(client, challenge, relayId.of(new Uint8Array(32).fill(9)), org.org, alice);
    expect((await client.take('refused')).code).toBe('not-admitted');
  });

  it('refuses a proof that was made for another nonce', async () => {
    const first = await greet(relay.port);
    const signature = alice.signAccess(accessProof(first.challenge.nonce, relay.pin, org.org, 1));
    const frame = { type: 'proof', org: org.org, access: alice.access, signature } as const;
    first.client.send(frame);
    await first.client.take('welcome');
    const second = await greet(relay.port);
    second.client.send(frame);
    expect((await second.client.take('refused')).code).toBe('not-admitted');
  });

  it('says the same to a stranger, a wrong signature and a foreign organisation', async () => {
    const answers = [];
    const stranger = await makeDevice();
    const foreign = await makeOrg();
    for (const [as, at] of [
      [stranger, org],
      [alice, foreign],
    ] as const) {
      const { client, challenge } = await greet(relay.port);
      prove(client, challenge, relay.pin, at.org, as);
      answers.push(await client.take('refused'));
    }
    const { client } = await greet(relay.port);
    client.send({ type: 'proof', org: org.org, access: alice.access, signature: new Uint8Array(64) });
    answers.push(await client.take('refused'));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('gives a socket two tries and closes', async () => {
    const { client, challenge } = await greet(relay.port);
    const stranger = await makeDevice();
    prove(client, challenge, relay.pin, org.org, stranger);
    prove(client, challenge, relay.pin, org.org, stranger);
    expect((await client.whenClosed()).code).toBe(4403);
  });

  it('is not asked for again once inside', async () => {
    const client = await enter(relay, org, alice);
    client.send({ type: 'hello', versions: [1] });
    expect((await client.take('refused')).code).toBe('wrong-order');
    await client.whenClosed();
  });
});

describe('admission lists', () => {
  const bring = async (client: RawClient, list: Uint8Array) => {
    client.send({ type: 'admit', ref: 1, list });
    return until(
      () => client.frames.find((frame) => frame.type === 'admitted' || frame.type === 'refused'),
      'an answer to admit',
    );
  };

  it('cut a revoked device at once and do not let it back in', async () => {
    const [a, b] = [await enter(relay, org, alice), await enter(relay, org, bob)];
    b.send({ type: 'tail', topic, from: 0 });
    await b.take('live');
    const startMs = performance.now();
    a.send({ type: 'admit', ref: 1, list: org.list([alice], { version: 2 }) });
    await a.take('admitted');
    expect((await b.take('refused')).code).toBe('not-admitted');
    await b.whenClosed();
    expect(performance.now() - startMs).toBeLessThan(1000);
    const { client, challenge } = await greet(relay.port);
    prove(client, challenge, relay.pin, org.org, bob);
    expect((await client.take('refused')).code).toBe('not-admitted');
  });

  it('cut a revoked device that does not close its side', async () => {
    const [a, b] = [await enter(relay, org, alice), await enter(relay, org, bob)];
    b.socket.pause(); // reads nothing, so it never answers the goodbye
    a.send({ type: 'admit', ref: 1, list: org.list([alice], { version: 2 }) });
    await a.take('admitted');
    a.send({ type: 'tail', topic, from: 0 });
    await a.take('live');
    b.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(66)]] });
    b.socket.resume();
    await b.whenClosed(1500);
    expect(a.frames).toEqual([]);
  });

  it('never go back, also over a restart', async () => {
    const client = await enter(relay, org, alice);
    expect(await bring(client, org.list([alice], { version: 3 }))).toMatchObject({ type: 'admitted', version: 3 });
    client.frames.length = 0;
    expect(await bring(client, org.list([alice, bob], { version: 2 }))).toMatchObject({
      type: 'refused',
      code: 'rolled-back',
    });
    await relay.close();
    const again = await startTestRelay([org.org], {
      dataDir: relay.dataDir,
      admission: org.list([alice, bob], { version: 2 }),
    });
    relay = again;
    const { client: b, challenge } = await greet(again.port);
    prove(b, challenge, again.pin, org.org, bob);
    expect((await b.take('refused')).code).toBe('not-admitted');
  });

  it('of the same version with other content are refused, with the same content accepted', async () => {
    const client = await enter(relay, org, alice);
    expect(await bring(client, org.list([alice], { version: 1 }))).toMatchObject({ code: 'rolled-back' });
    client.frames.length = 0;
    expect(await bring(client, org.list([alice, bob], { version: 1, signers: [1, 2] }))).toMatchObject({
      type: 'admitted',
      version: 1,
    });
  });

  it('need the custodians: under threshold, twice the same signer, unsigned, altered', async () => {
    const client = await enter(relay, org, alice);
    const altered = org.list([alice], { version: 9 });
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    for (const list of [
      org.list([alice], { version: 9, signers: [0] }),
      org.list([alice], { version: 9, signers: [0, 0] }),
      org.list([alice], { version: 9, signers: [] }),
      altered,
    ]) {
      client.frames.length = 0;
      expect(await bring(client, list)).toMatchObject({ type: 'refused', code: 'bad-signature' });
    }
    await enter(relay, org, bob);
  });

  it('of another organisation are refused, however well signed', async () => {
    const foreign = await makeOrg();
    const client = await enter(relay, org, alice);
    expect(await bring(client, foreign.list([alice]))).toMatchObject({ type: 'refused', code: 'not-admitted' });
  });

  it('are taken from the device they admit, before it is inside', async () => {
    const carol = await makeDevice();
    const { client, challenge } = await greet(relay.port);
    prove(client, challenge, relay.pin, org.org, carol);
    await client.take('refused');
    client.send({ type: 'admit', ref: 4, list: org.list([alice, bob, carol], { version: 2 }) });
    expect(await client.take('admitted')).toEqual({ type: 'admitted', ref: 4, version: 2 });
    prove(client, challenge, relay.pin, org.org, carol);
    expect(await client.take('welcome')).toMatchObject({ admission: 2 });
  });

  it('from strangers are bounded: one a socket, few a second', async () => {
    await relay.close();
    relay = await startTestRelay([org.org], { dataDir: relay.dataDir, limits: { strangerListsPerSecond: 0.001 } });
    const forged = org.list([alice], { version: 9, signers: [] });
    const codes = [];
    for (let i = 0; i < 3; i++) {
      const { client } = await greet(relay.port);
      client.send({ type: 'admit', ref: i, list: forged });
      codes.push((await client.take('refused')).code);
      await client.whenClosed();
    }
    expect(codes).toEqual(['bad-signature', 'rate', 'rate']);
    await enter(relay, org, alice);
  });
});

describe('bytes that are no frames', () => {
  const good = () => enter(relay, org, alice);

  it('closes on garbage, and goes on serving others', async () => {
    const inside = await good();
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array([0xff]),
      new Uint8Array(5000).fill(0x82),
      new Uint8Array([0x82, 0x18, 0x63, 0xa0]),
    ]) {
      const client = await new RawClient(relay.port).open();
      client.socket.send(bytes);
      expect((await client.take('refused')).code).toBe('malformed');
      await client.whenClosed();
    }
    inside.send({ type: 'tail', topic, from: 0 });
    await inside.take('live');
  });

  it('closes on a frame cut short at any byte', async () => {
    const whole = Uint8Array.from([0x82, 0x01, 0xa1, 0x01, 0x81, 0x01]); // hello {versions: [1]}
    for (let size = 0; size < whole.length; size++) {
      const client = await new RawClient(relay.port).open();
      client.socket.send(whole.subarray(0, size));
      expect((await client.take('refused')).code).toBe('malformed');
      await client.whenClosed();
    }
    const client = await new RawClient(relay.port).open();
    client.socket.send(whole);
    await client.take('challenge');
  });

  it('closes on text', async () => {
    const client = await new RawClient(relay.port).open();
    client.socket.send('{"hello":1}');
    expect((await client.take('refused')).code).toBe('malformed');
    await client.whenClosed();
  });

  it('closes on an oversize message without taking it in', async () => {
    const client = await good();
    client.socket.send(new Uint8Array(limit.frameBytes + 1));
    expect((await client.whenClosed()).code).toBe(1009);
  });

  it('closes the TLS connection of somebody who does not speak HTTP', async () => {
    const socket = connectTls({ host: '127.0.0.1', port: relay.port, rejectUnauthorized: false });
    let isClosed = false;
    socket.on('close', () => {
      isClosed = true;
    });
    socket.on('error', () => undefined);
    socket.write('\0\0\0\0 nonsense\r\n\r\n');
    socket.resume();
    await until(() => isClosed, 'the relay hangs up');
    await good();
  });

  it('logs no address, key or topic', async () => {
    const client = await good();
    client.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    await client.take('appended');
    client.socket.send('text');
    await client.whenClosed();
    const log = relay.log.join('\n');
    expect(log).toContain('refused');
    for (const secret of ['127.0.0.1', alice.access, topic, org.org]) expect(log).not.toContain(secret);
  });
});

describe('many from one address', () => {
  it('are turned away beyond its share, strangers sooner, and make room when they go', async () => {
    await relay.close();
    const limits = { connectionsPerAddress: 3, strangersPerAddress: 2 };
    relay = await startTestRelay([org.org], { dataDir: relay.dataDir, limits });
    const stranger = await new RawClient(relay.port).open();
    const inside = [await enter(relay, org, alice), await enter(relay, org, bob)];
    await new RawClient(relay.port).whenClosed();
    expect(inside.map(({ closed }) => closed)).toEqual([undefined, undefined]);
    stranger.close();
    await stranger.whenClosed();
    await enter(relay, org, alice);
  });

  it('who have not proved themselves keep nobody out who has an address of their own', async () => {
    await relay.close();
    relay = await startTestRelay([org.org], { dataDir: relay.dataDir, limits: { strangersPerAddress: 1 } });
    const first = await new RawClient(relay.port).open();
    const second = new RawClient(relay.port);
    expect((await second.take('refused')).code).toBe('busy');
    first.close();
    await first.whenClosed();
    await enter(relay, org, alice);
  });
});

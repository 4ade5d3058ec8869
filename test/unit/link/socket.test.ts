/** A link with real sockets: pinning, restarts, and one relay of several dying. */
import { createServer, type Server } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../../server/certificate.ts';
import { readAddress } from '../../../src/link/address.ts';
import type { LinkDown, LinkUp } from '../../../src/link/event.ts';
import { Link } from '../../../src/link/link.ts';
import { makePorts } from '../../../src/link/node.ts';
import { usualProxySetting } from '../../../src/link/proxy.ts';
import type { RelayFrame } from '../../../src/wire/frame.ts';
import { type RelayId, relayId } from '../../../src/wire/id.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../../kit/org.ts';
import {
  dropDataDir,
  envelopeNumber,
  makeDataDir,
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../../kit/relay.ts';
import { until } from '../../kit/until.ts';

const topic = topicNumber(1);
let org: TestOrg;
let device: TestDevice;
let atEnd: (() => unknown)[] = [];

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
});
afterEach(async () => {
  for (const step of atEnd.reverse()) await step();
  atEnd = [];
});

async function relay(options: Parameters<typeof startTestRelay>[1] = {}): Promise<TestRelay> {
  const made = await startTestRelay([org.org], { admission: org.list([device]), ...options });
  atEnd.push(
    () => dropDataDir(made.dataDir),
    () => made.close(),
  );
  return made;
}

function linkTo(pin: RelayId, addresses: readonly string[], list?: Uint8Array) {
  const ups: LinkUp[] = [];
  const downs: LinkDown[] = [];
  const frames: RelayFrame[] = [];
  const link = new Link(
    {
      relay: pin,
      addresses,
      proxy: usualProxySetting,
      org: org.org,
      access: device.access,
      signAccess: device.signAccess,
      ...(list !== undefined && { admission: () => ({ version: 1, list }) }),
    },
    makePorts(),
    { up: (up) => ups.push(up), down: (down) => downs.push(down), frame: (_, frame) => frames.push(frame) },
  );
  atEnd.push(() => link.close());
  return { link, ups, downs, frames };
}

describe('pinning', () => {
  /** A TLS server with a key of its own that notes every byte it is sent. */
  async function impostor(): Promise<{ address: string; pin: RelayId; bytes: Buffer[]; ended: () => number }> {
    const dataDir = makeDataDir();
    const identity = await loadIdentity(dataDir);
    const bytes: Buffer[] = [];
    let ended = 0;
    const server: Server = createServer({ key: identity.keyPem, cert: identity.certificatePem }, (socket) => {
      socket.on('data', (chunk: Buffer) => bytes.push(chunk));
      socket.on('error', () => undefined);
    });
    server.on('tlsClientError', () => undefined);
    server.on('connection', (socket) => socket.on('close', () => (ended += 1)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd.push(
      () => dropDataDir(dataDir),
      () => server.close(),
    );
    const address = server.address();
    return {
      address: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      pin: identity.pin,
      bytes,
      ended: () => ended,
    };
  }

  it('sends not one byte to whoever holds another key', async () => {
    const server = await impostor();
    const { downs } = linkTo(relayId.of(new Uint8Array(32).fill(1)), [server.address]);
    await until(() => downs.length > 0, 'the link gives up');
    expect(downs[0]?.code).toBe('wrong-pin');
    await until(() => server.ended() > 0, 'the connection is over on the other side too');
    expect(Buffer.concat(server.bytes).length).toBe(0);
    // The same server with its right pin does get the upgrade: the check above can fail.
    linkTo(server.pin, [server.address]);
    await until(() => server.bytes.length > 0, 'the upgrade is sent to the right key');
  });

  it('speaks no TLS older than 1.3', async () => {
    const dataDir = makeDataDir();
    const identity = await loadIdentity(dataDir);
    const server = createServer({ key: identity.keyPem, cert: identity.certificatePem, maxVersion: 'TLSv1.2' });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd.push(
      () => dropDataDir(dataDir),
      () => server.close(),
    );
    const address = server.address();
    const { downs } = linkTo(identity.pin, [`127.0.0.1:${typeof address === 'object' ? address?.port : 0}`]);
    await until(() => downs.length > 0, 'the link gives up');
    expect(downs[0]?.code).toBe('unreachable');
  });

  it('finds the right one behind the second address', async () => {
    const [wrong, right] = [await relay(), await relay()];
    const { ups } = linkTo(right.pin, [wrong.address, right.address]);
    await until(() => ups.length > 0, 'the link comes up');
  });
});

describe('a link', () => {
  it('enters, appends and tails; brings the list that admits it', async () => {
    const made = await startTestRelay([org.org]);
    atEnd.push(
      () => dropDataDir(made.dataDir),
      () => made.close(),
    );
    const { link, ups, frames } = linkTo(made.pin, [made.address], org.list([device]));
    const up = await until(() => ups[0], 'the link comes up');
    expect(up.admission).toBe(1);
    expect(Math.abs(up.offsetMs)).toBeLessThan(1000);
    link.send({ type: 'tail', topic, from: 0 });
    link.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(1)]] });
    await until(
      () => frames.some(({ type }) => type === 'appended') && frames.some(({ type }) => type === 'deliver'),
      'acknowledgement and delivery',
    );
  });

  it('sees the clock of the relay', async () => {
    const made = await relay({ now: () => Date.now() + 3_600_000 });
    const { ups } = linkTo(made.pin, [made.address]);
    const { offsetMs } = await until(() => ups[0], 'the link comes up');
    expect(Math.abs(offsetMs - 3_600_000)).toBeLessThan(1000);
  });

  it('comes back by itself when the relay was restarted, to the same store', async () => {
    const first = await relay();
    const { ups, downs, link } = linkTo(first.pin, [first.address]);
    await until(() => ups.length === 1, 'the link comes up');
    await first.close();
    await until(() => downs.length > 0, 'the link notices');
    expect(link.isUp).toBe(false);
    expect(link.send({ type: 'untail', topic })).toBe(false);
    const second = await relay({ dataDir: first.dataDir });
    expect([second.pin, second.port]).toEqual([first.pin, first.port]);
    await until(() => ups.length === 2, 'the link comes back', 15_000);
    expect(ups[1]?.store).toBe(ups[0]?.store);
  }, 20_000);

  it('carries on when one of several relays dies', async () => {
    const relays = [await relay(), await relay(), await relay()];
    const links = relays.map((each) => linkTo(each.pin, [each.address]));
    await until(() => links.every(({ ups }) => ups.length === 1), 'all links come up');
    await relays[1]?.close();
    await until(() => (links[1]?.downs.length ?? 0) > 0, 'one goes down');
    for (const { link, frames } of [links[0], links[2]].filter((each) => each !== undefined)) {
      expect(link.send({ type: 'append', ref: 5, items: [[topic, envelopeNumber(5)]] })).toBe(true);
      await until(() => frames.some((frame) => frame.type === 'appended' && frame.ref === 5), 'the others acknowledge');
    }
  });

  it('goes down with not-admitted when it is revoked', async () => {
    const made = await relay();
    const { link, ups, downs, frames } = linkTo(made.pin, [made.address]);
    await until(() => ups.length === 1, 'the link comes up');
    link.send({ type: 'admit', ref: 1, list: org.list([await makeDevice()], { version: 2 }) });
    await until(() => frames.some((frame) => frame.type === 'refused' && frame.code === 'not-admitted'), 'it is told');
    await until(() => downs.some(({ code }) => code === 'not-admitted'), 'the next try is refused');
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]:65535', '::1', 65535],
    ['relay.example:7443', 'relay.example', 7443],
  ])('reads %s', (text, host, port) => {
    expect(readAddress(text)).toEqual({ host, port });
  });
  it.each(['', 'host', 'host:0', 'host:99999', '::1:80', 'a b:1', 'host:12x'])('refuses "%s"', (text) => {
    expect(() => readAddress(text)).toThrow('HOST:PORT');
  });
});

/** Links through real proxies on loopback: honest ones, and ones that do harm. */
import { createServer as createTls } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../../server/certificate.ts';
import type { LinkDown, LinkUp } from '../../../src/link/event.ts';
import { Link } from '../../../src/link/link.ts';
import { makePorts } from '../../../src/link/node.ts';
import { type ProxySetting, readSetting } from '../../../src/link/proxy.ts';
import { openTunnel } from '../../../src/link/tunnel.ts';
import type { RelayId } from '../../../src/wire/id.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../../kit/org.ts';
import { type ProxyHabits, startConnectProxy, startSocksProxy, type TestProxy } from '../../kit/proxy.ts';
import { seeded } from '../../kit/random.ts';
import { dropDataDir, makeDataDir, startTestRelay, type TestRelay } from '../../kit/relay.ts';
import { until } from '../../kit/until.ts';

let org: TestOrg;
let device: TestDevice;
let relay: TestRelay;
let atEnd: (() => unknown)[] = [];

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
  relay = await startTestRelay([org.org], { admission: org.list([device]) });
  atEnd.push(
    () => dropDataDir(relay.dataDir),
    () => relay.close(),
  );
});
afterEach(async () => {
  for (const step of atEnd.reverse()) await step();
  atEnd = [];
});

async function identity() {
  const dir = makeDataDir();
  atEnd.push(() => dropDataDir(dir));
  const { keyPem, certificatePem } = await loadIdentity(dir);
  return { key: keyPem, cert: certificatePem };
}

type Kind = 'http' | 'https' | 'socks5';
const kinds: readonly Kind[] = ['http', 'https', 'socks5'];

async function proxy(kind: Kind, habits: ProxyHabits = {}): Promise<TestProxy> {
  const made =
    kind === 'socks5'
      ? await startSocksProxy(habits)
      : await startConnectProxy(habits, kind === 'https' ? await identity() : undefined);
  atEnd.push(() => made.close());
  return made;
}

function linkBy(setting: ProxySetting, addresses = [relay.address], pin: RelayId = relay.pin) {
  const ups: LinkUp[] = [];
  const downs: LinkDown[] = [];
  const { access, signAccess } = device;
  const config = { relay: pin, addresses, proxy: setting, org: org.org, access, signAccess };
  const link = new Link(config, makePorts(), {
    up: (up) => ups.push(up),
    down: (down) => downs.push(down),
    frame: () => undefined,
  });
  atEnd.push(() => link.close());
  return { link, ups, downs };
}

const only = (kind: Kind, port: number, login = '') => readSetting(`${kind}://${login}127.0.0.1:${port}`, true);

describe.each(kinds)('through %s', (kind) => {
  it('a link comes up, with TLS to the relay inside', async () => {
    const through = await proxy(kind);
    const { ups } = linkBy(only(kind, through.port));
    const up = await until(() => ups[0], 'the link comes up');
    expect(up).toMatchObject({ address: relay.address, proxy: `${kind}://127.0.0.1:${through.port}` });
    expect(through.targets).toEqual([relay.address]);
    // A TLS record of a handshake, and nothing of ours in the clear.
    const carried = Buffer.concat(through.carried);
    expect([carried[0], carried.includes('Upgrade'), carried.length > 200]).toEqual([0x16, false, true]);
  });

  it('a name goes to the proxy as it is', async () => {
    const through = await proxy(kind, { leadTo: relay.port });
    const { ups } = linkBy(only(kind, through.port), ['relay.invalid:7443']);
    await until(() => ups[0], 'the link comes up');
    expect(through.targets).toEqual(['relay.invalid:7443']);
  });

  it('name and password are given, and print nowhere', async () => {
    const said = 'mu ster:pass%wörd';
    const login = kind === 'socks5' ? said : Buffer.from(said).toString('base64');
    const through = await proxy(kind, { login });
    const setting = only(kind, through.port, 'mu%20ster:pass%25w%C3%B6rd@');
    const { ups } = linkBy(setting);
    const up = await until(() => ups[0], 'the link comes up');
    expect(through.logins).toHaveLength(1);
    for (const text of [inspect(setting, { depth: null }), JSON.stringify(setting), JSON.stringify(up)])
      expect([text.includes('ster'), text.includes('pass%')]).toEqual([false, false]);
    const { downs } = linkBy(only(kind, through.port, 'somebody:else@'));
    const down = await until(() => downs[0], 'another password is refused');
    expect(down).toMatchObject({ code: 'proxy', text: expect.stringContaining('name and a password') });
    expect(down.text).not.toContain('else');
  });

  it('a proxy that answers TLS in the place of the relay gets nothing', async () => {
    const heard: Buffer[] = [];
    let greetings = 0;
    const impostor = createTls(await identity(), (socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
      socket.on('error', () => undefined);
    });
    impostor.on('tlsClientError', () => undefined);
    impostor.on('connection', () => {
      greetings += 1;
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    atEnd.push(() => impostor.close());
    const address = impostor.address();
    const through = await proxy(kind, { leadTo: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    const { downs, ups, link } = linkBy(only(kind, through.port));
    const down = await until(() => downs[0], 'the link gives up');
    link.close();
    await until(() => greetings > 0 && through.clients() === 0, 'the impostor was there, and all is closed');
    expect([down.code, ups.length, heard.length]).toEqual(['wrong-pin', 0, 0]);
    // Direct is another way: with auto the impostor on the proxy does not keep us from the relay.
    const other = linkBy({ ...only(kind, through.port), policy: 'auto' });
    expect((await until(() => other.ups[0], 'the link comes up')).proxy).toBeUndefined();
  });

  it('a relay that is not there is said, and so is a proxy that is not', async () => {
    const through = await proxy(kind);
    await relay.close();
    const { downs } = linkBy(only(kind, through.port));
    const down = await until(() => downs[0], 'the link gives up');
    expect(down).toMatchObject({ code: 'proxy', text: expect.stringContaining('reach the relay') });
    await through.close();
    const other = linkBy(only(kind, through.port));
    expect((await until(() => other.downs[0], 'the link gives up')).text).toContain('the proxy cannot be reached');
  });

  it.each<[string, ProxyHabits]>([
    ['hangs up', { hangsUp: true }],
    ['says noise', { says: '\0\u00ff noise\r\n\r\nnoise', hangsUp: true }],
    [
      'says half an answer and hangs up',
      { says: kind === 'socks5' ? '\u0005' : 'HTTP/1.1 200 OK\r\nA: ', hangsUp: true },
    ],
    [
      'never ends its answer',
      { floods: kind === 'socks5' ? '\u0005\0\u0005' : `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(500)}` },
    ],
    ['says yes and speaks for the relay', { adds: 'HTTP/1.1 101 Switching\r\n\r\n' }],
  ])(
    'a proxy that %s costs its own way only',
    async (_, habits) => {
      const bad = await proxy(kind, habits);
      const strict = linkBy(only(kind, bad.port));
      const down = await until(() => strict.downs[0], 'the link gives up', 9_000);
      expect(['proxy', 'unreachable']).toContain(down.code);
      strict.link.close();
      await until(() => bad.clients() === 0, 'nothing is left open at the proxy');
      const { ups } = linkBy({ ...only(kind, bad.port), policy: 'auto' });
      const up = await until(() => ups[0], 'it is reached directly');
      expect(up.proxy).toBeUndefined();
    },
    20_000,
  );

  it('a proxy that says nothing delays the direct way by no more than its turn', async () => {
    const silent = await proxy(kind, { says: '' });
    const { ups, downs } = linkBy({ ...only(kind, silent.port), policy: 'auto' });
    await until(() => ups[0], 'it is reached directly');
    expect(downs).toEqual([]);
    await until(() => silent.clients() === 0, 'the attempt through the proxy is closed');
  });
});

describe('what a setting says', () => {
  it('holds: nothing passes a proxy with none, nothing goes directly with only', async () => {
    const through = await proxy('http', { hangsUp: true });
    const direct = linkBy(readSetting('none', false));
    await until(() => direct.ups[0], 'it is reached directly');
    expect(through.clients()).toBe(0);
    const strict = linkBy(only('http', through.port));
    await until(() => strict.downs.length > 2, 'it was tried again and again');
    expect(strict.ups).toEqual([]);
  });

  it('auto finds the proxy when the address leads nowhere directly', async () => {
    const through = await proxy('http', { leadTo: relay.port });
    const closed = await proxy('http');
    await closed.close();
    const { ups } = linkBy(readSetting(`127.0.0.1:${through.port}`, false), [`127.0.0.1:${closed.port}`]);
    expect((await until(() => ups[0], 'the link comes up')).proxy).toBeDefined();
  });
});

it('no answer of a SOCKS5 proxy brings the program down', async () => {
  const random = seeded(5);
  const beginnings = [
    [],
    [5, 0],
    [5, 2],
    [5, 2, 1, 0],
    [5, 0, 5, 0, 0, 1],
    [5, 0, 5, 0, 0, 3, 255],
    [5, 0, 5, 0, 0, 4],
  ];
  const target = { host: '192.0.2.1', port: 7443 };
  for (let i = 0; i < 210; i += 1) {
    const says = Buffer.concat([Buffer.from(beginnings[i % 7] ?? []), random((i % 40) + 1)]);
    const bad = await startSocksProxy({ says, hangsUp: i % 2 === 0 });
    const { proxy: server } = only('socks5', bad.port, i % 3 === 0 ? 'a:b@' : '');
    if (server === undefined) throw new Error('there is a proxy');
    let ends = 0;
    const close = openTunnel(server, target, {
      onOpen: (stream) => {
        ends += 1;
        stream.destroy();
      },
      onFail: () => {
        ends += 1;
      },
    });
    // One that waits for more is ended by the link's own clock; here by hand.
    await until(() => ends > 0 || i % 2 === 1, 'the attempt ends');
    close();
    await bad.close();
    expect(ends).toBeLessThanOrEqual(1);
  }
}, 30_000);

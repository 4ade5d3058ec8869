/** What people, the environment, desktops and the vault say about proxies. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../../src/core/sodium.ts';
import {
  proxiesOfEnvironment,
  type ProxyServer,
  readPac,
  readProxy,
  readSetting,
  sayProxy,
  saySetting,
  settingOfEnvironment,
} from '../../../src/link/proxy.ts';
import { encodeProxySetting, readProxySetting } from '../../../src/link/setting.ts';
import { fromUtf8 } from '../../../src/wire/bytes.ts';
import { Broken } from '../../../src/wire/fault.ts';
import { findSecrets, printed } from '../../kit/leak.ts';

beforeAll(loadSodium);

const loginOf = ({ login }: ProxyServer) =>
  login === undefined ? undefined : [fromUtf8(login.user.open()), fromUtf8(login.password.open())];
/** What a refusal says, or what came out instead. */
const refusal = (read: () => unknown): string => {
  try {
    return `taken: ${JSON.stringify(read())}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('a proxy', () => {
  it.each([
    ['http://proxy.corp:3128', 'http', 'proxy.corp', 3128],
    ['http://proxy.corp/', 'http', 'proxy.corp', 80],
    ['HTTPS://Proxy', 'https', 'Proxy', 443],
    ['proxy:8080', 'http', 'proxy', 8080],
    ['socks5h://[2001:db8::1]:1080', 'socks5', '2001:db8::1', 1080],
    ['socks://127.0.0.1', 'socks5', '127.0.0.1', 1080],
  ])('is read from %s', (text, kind, host, port) => {
    expect(readProxy(text, 'setting')).toEqual({ kind, host, port, from: 'setting' });
  });

  it.each([
    ...['', 'http://', 'ftp://proxy:1', 'socks4://proxy:1', 'http://a b:1', 'http://proxy:0', 'http://proxy:65536'],
    ...['http://proxy:1/path', 'http://proxy:1?q', '::1:80', 'http://[proxy]:1', 'http://[::zz]:1', 'http://pröxy:1'],
    ...['http://pro\r\nxy:1', `http://${'a'.repeat(254)}:1`, 'http://user@proxy:1', 'http://:pw@proxy:1'],
    ...['http://user:@proxy:1', 'http://us%zzer:pw@proxy:1', 'http://us%0aer:pw@proxy:1', 'http://us%3aer:pw@proxy:1'],
    `http://user:${'p'.repeat(256)}@proxy:1`,
  ])('is not read from %j', (text) => {
    expect(refusal(() => readProxy(text, 'setting'))).toMatch(/^(A proxy|The name|In the name)/);
  });

  it('has a name and a password that print nowhere, not even in a refusal', () => {
    const secrets = new Map([['password', Buffer.from('sesame-42')]]);
    const proxy = readProxy('http://ada:sesame-42@proxy:1', 'setting');
    expect(loginOf(proxy)).toEqual(['ada', 'sesame-42']);
    expect(loginOf(readProxy('http://a%40b:c%3Ad@proxy:1', 'setting'))).toEqual(['a@b', 'c:d']);
    const texts = [printed(proxy), sayProxy(proxy), saySetting({ policy: 'auto', proxy })];
    for (const bad of ['http://ada:sesame-42@:1', 'what://ada:sesame-42@proxy:1', 'http://a:sesame-42%@proxy:1'])
      texts.push(
        refusal(() => readProxy(bad, 'setting')),
        refusal(() => proxiesOfEnvironment({ HTTPS_PROXY: bad })),
      );
    for (const text of texts) expect(findSecrets(text, secrets)).toEqual([]);
  });
});

describe('the environment', () => {
  const at = (env: Readonly<Record<string, string>>, host = 'relay.example', port = 7443) =>
    proxiesOfEnvironment(env)(host, port).map(({ host: proxy }) => proxy);

  it('names a proxy, the nearest variable first', () => {
    expect(at({})).toEqual([]);
    expect(at({ HTTPS_PROXY: '' })).toEqual([]);
    expect(at({ HTTP_PROXY: 'plain:1' })).toEqual([]);
    expect(at({ ALL_PROXY: 'socks5://all:1', HTTPS_PROXY: 'upper:1' })).toEqual(['upper']);
    expect(at({ https_proxy: 'lower:1', HTTPS_PROXY: 'upper:1' })).toEqual(['lower']);
    expect(refusal(() => at({ ALL_PROXY: 'ftp://x' }))).toContain('ALL_PROXY');
  });

  it.each<[string, string, boolean]>([
    ['relay.example', 'relay.example', true],
    ['example', 'relay.example', true],
    ['.example', 'relay.example', true],
    ['*.example', 'relay.example', true],
    ['ample', 'relay.example', false],
    ['RELAY.example', 'Relay.Example', true],
    ['relay.example:7443', 'relay.example', true],
    ['relay.example:80', 'relay.example', false],
    ['*', '198.51.100.1', true],
    ['10.0.0.0/8', '10.9.8.7', true],
    ['10.0.0.0/8', '11.9.8.7', false],
    ['10.0.0.0/99', '10.9.8.7', false],
    ['2001:db8::/32', '2001:db8::5', true],
    ['2001:db8::/32', '10.0.0.1', false],
    ['2001:db8::5', '2001:db8::5', true],
    ['[2001:db8::5]:7443', '2001:db8::5', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['0.1', '10.0.0.1', false],
    ['a, ,b relay.example', 'relay.example', true],
    ['[', 'relay.example', false],
  ])('NO_PROXY=%s at %s: %s', (exceptions, host, isDirect) => {
    expect(at({ HTTPS_PROXY: 'proxy:1', NO_PROXY: exceptions }, host)).toEqual(isDirect ? [] : ['proxy']);
  });

  it('leads to this machine by no proxy', () => {
    for (const host of ['localhost', '127.0.0.1', '::1']) expect(at({ HTTPS_PROXY: 'proxy:1' }, host)).toEqual([]);
  });

  it('MUSTER_PROXY goes before what was set', () => {
    expect(settingOfEnvironment({ HTTPS_PROXY: 'proxy:1' })).toBeUndefined();
    expect(settingOfEnvironment({ MUSTER_PROXY: 'none' })).toEqual({ policy: 'direct-only' });
    expect(settingOfEnvironment({ MUSTER_PROXY_ONLY: '1' })).toEqual({ policy: 'proxy-only' });
    expect(settingOfEnvironment({ MUSTER_PROXY: 'socks5://a:1', MUSTER_PROXY_ONLY: '1' })).toMatchObject({
      policy: 'proxy-only',
      proxy: { kind: 'socks5', from: 'environment' },
    });
    expect(refusal(() => settingOfEnvironment({ MUSTER_PROXY: 'ftp://a' }))).toContain('MUSTER_PROXY');
    expect(refusal(() => readSetting('none', true))).toContain('nowhere');
  });
});

describe('a desktop', () => {
  it.each<[string, readonly string[]]>([
    ['DIRECT', []],
    ['', []],
    ['PROXY a:3128; SOCKS5 b:1080;HTTPS c:443 ; DIRECT', ['http://a:3128', 'socks5://b:1080', 'https://c:443']],
    ['proxy [2001:db8::1]:3128', ['http://[2001:db8::1]:3128']],
    ['SOCKS old:1; SOCKS4 old:1; QUIC q:1; PROXY', []],
    ['PROXY user:pw@a:1; PROXY a:b:c; PROXY \r\n', []],
    ['PROXY a:1;'.repeat(1000), Array.from({ length: 4 }, () => 'http://a:1')],
  ])('says %s', (text, proxies) => {
    expect(readPac(text).map((each) => sayProxy(each).replace(' (from the system)', ''))).toEqual(proxies);
  });
});

describe('in the vault', () => {
  it.each([
    ['system', false],
    ['system', true],
    ['none', false],
    ['socks5://ada:sesame@[2001:db8::1]:9050', true],
    ['proxy:3128', false],
  ] as const)('%s comes back as it was', (text, isOnly) => {
    const setting = readSetting(text, isOnly);
    const back = readProxySetting(encodeProxySetting(setting));
    expect([back.policy, back.proxy?.kind, back.proxy?.host, back.proxy?.port]).toEqual([
      setting.policy,
      setting.proxy?.kind,
      setting.proxy?.host,
      setting.proxy?.port,
    ]);
    expect(back.proxy && loginOf(back.proxy)).toEqual(setting.proxy && loginOf(setting.proxy));
  });

  it('what cannot be read is said to be broken', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array([0xa1]), encodeProxySetting({ policy: 'auto' }).fill(0)])
      expect(() => readProxySetting(bytes)).toThrow(Broken);
  });
});

/** Proxies and a wrong clock as somebody at a terminal meets them: one device, one real relay, one real proxy. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orgId } from '../../src/wire/id.ts';
import { dirOf, foundByHand, issueByHand } from '../kit/commandOrg.ts';
import { startConnectProxy, startSocksProxy, type TestProxy } from '../kit/proxy.ts';
import { startTestRelay, type TestRelay } from '../kit/relay.ts';
import { makeTerminal } from '../kit/terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-proxy-'));
const muster = makeTerminal(dir);
const ada = dirOf('ada');
const password = 'sesame-42-open';
const patienceMs = 60_000;

let relay: TestRelay;
let socks: TestProxy;
let connect: TestProxy;
let aheadMs = 0;

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run(...args);
  expect([code, err]).toEqual([0, expect.stringMatching(/^$|^With a threshold of 1/)]);
  return out;
}

beforeAll(async () => {
  const { fingerprint } = await foundByHand(ok, dir, ['ada', 'bela']);
  await issueByHand(ok, dir, ['ada', 'bela'], []);
  const facts = { dataDir: join(dir, 'r'), admission: readFileSync(join(dir, 'list.admission')) };
  relay = await startTestRelay([orgId.parse(fingerprint)], { ...facts, now: () => Date.now() + aheadMs });
  socks = await startSocksProxy({ login: `ada:${password}` });
  connect = await startConnectProxy();
  writeFileSync(join(dir, 'proxy-password'), `${password}\n`);
}, patienceMs);

afterAll(async () => {
  await Promise.all([relay.close(), socks.close(), connect.close()]);
  rmSync(dir, { recursive: true, force: true });
});

test(
  'nothing set: directly, as the system says',
  async () => {
    const out = await ok('proxy', 'show', ...ada);
    expect(out).toMatch(/proxy +what the system names, or directly/);
    expect(out).toMatch(/Relay r +up +127\.0\.0\.1:\d+ +directly +agrees with ours/);
  },
  patienceMs,
);

test(
  'a proxy that is set is kept with its password, used, shown without it, and forgotten',
  async () => {
    const url = `socks5://127.0.0.1:${socks.port}`;
    const login = ['--user', 'ada', '--password-file', 'proxy-password'];
    const said = await ok('proxy', 'set', url, '--only', ...login, ...ada);
    expect(said).toContain(`From the next start on: ${url} with a name and a password; never directly.`);
    const shown = await ok('proxy', 'show', ...ada);
    expect(shown).toMatch(new RegExp(`Relay r +up +127\\.0\\.0\\.1:\\d+ +${url}`));
    expect(socks.targets.length).toBeGreaterThan(0);
    await ok('room', 'send', 'Everyone', 'through it', ...ada);
    const json = JSON.parse(await ok('proxy', 'show', '--json', ...ada)) as object;
    expect(json).toMatchObject({ policy: 'proxy-only', proxy: url, relays: [{ state: 'up', proxy: url }] });
    // Nowhere in what was said, and nowhere on the disk but inside the vault.
    for (const text of [said, shown, JSON.stringify(json)]) expect(text).not.toContain(password);
    for (const file of readdirSync(join(dir, 'ada')))
      expect(readFileSync(join(dir, 'ada', file)).includes(password), file).toBe(false);
    expect(await ok('proxy', 'clear', ...ada)).toContain('what the system names');
    const count = socks.targets.length;
    expect(await ok('proxy', 'show', ...ada)).toContain('directly');
    expect(socks.targets).toHaveLength(count);
  },
  patienceMs,
);

test(
  'for one run alone: by option and by environment, the option first',
  async () => {
    const url = `http://127.0.0.1:${connect.port}`;
    expect(await ok('proxy', 'show', '--proxy', url, '--proxy-only', ...ada)).toContain('(not this time)');
    expect(connect.targets).toEqual([relay.address]);
    const env = { MUSTER_PROXY: url, MUSTER_PROXY_ONLY: '1' };
    const other = makeTerminal(dir, { env });
    expect((await other.run('proxy', 'show', ...ada)).out).toMatch(new RegExp(`${url} \\(from the environment\\)`));
    expect(connect.targets).toHaveLength(2);
    expect((await other.run('proxy', 'show', '--proxy', 'none', ...ada)).out).toContain('directly');
    expect(connect.targets).toHaveLength(2);
  },
  patienceMs,
);

test(
  'a variable of other programs that makes no sense is said, and keeps nobody out; our own is refused',
  async () => {
    const odd = await makeTerminal(dir, { env: { HTTPS_PROXY: 'http://proxy/path' } }).run('proxy', 'show', ...ada);
    expect([odd.code, odd.out.includes('names no proxy')]).toEqual([0, true]);
    expect(odd.err).toContain('HTTPS_PROXY holds no proxy');
    const own = await makeTerminal(dir, { env: { MUSTER_PROXY: 'ftp://proxy' } }).run('proxy', 'show', ...ada);
    expect([own.code, own.err.includes('MUSTER_PROXY')]).toEqual([2, true]);
  },
  patienceMs,
);

test(
  'what cannot be is refused before the passphrase, and no password is taken from the command line',
  async () => {
    const refused = async (...args: readonly string[]) => {
      const { code, out, err } = await muster.run('proxy', ...args);
      expect([code, out]).toEqual([2, '']);
      expect(err).not.toContain(password);
      return err;
    };
    expect(await refused('set', `http://ada:${password}@proxy:1`)).toContain('--user');
    expect(await refused('show', '--proxy', `http://ada:${password}@proxy:1`, ...ada)).toContain('--user');
    expect(await refused('set', 'ftp://proxy')).toContain('socks5://HOST:PORT');
    expect(await refused('set', 'none', '--only')).toContain('nowhere');
    expect(await refused('set', 'none', '--user', 'ada')).toContain('for a proxy that is named');
  },
  patienceMs,
);

test(
  'a proxy that leads nowhere is said, with what was kept',
  async () => {
    const { code, out, err } = await muster.run('proxy', 'show', '--proxy', '127.0.0.1:1', '--proxy-only', ...ada);
    expect(code).toBe(3);
    expect(out).toMatch(/Relay r +down +- +through the proxy: the proxy cannot be reached/);
    expect(err).toContain('No relay is reached this way');
  },
  patienceMs,
);

test(
  'a wrong clock is said at every command that meets a relay, and breaks nothing',
  async () => {
    aheadMs = 3 * 3_600_000;
    const sent = await muster.run('room', 'send', 'Everyone', 'at the wrong time', ...ada);
    const read = await muster.run('room', 'read', 'Everyone', ...dirOf('bela'));
    expect([sent.code, read.code, read.out.includes('at the wrong time')]).toEqual([0, 0, true]);
    expect(sent.err).toContain('3 h behind');
    expect(read.err).toContain('The clock of this machine is 3 h behind, measured at 1 relay.');
    expect(read.err).toContain('drills start 3 h late here');
    expect(read.err).toContain('look at another clock first');
    aheadMs = -2 * 86_400_000;
    expect((await muster.run('proxy', 'show', ...ada)).err).toContain('48 h ahead');
    aheadMs = 60_000;
    expect((await muster.run('proxy', 'show', ...ada)).err).toBe('');
  },
  patienceMs,
);

/** What a person sets in the window, on real devices with real relays and proxies: it counts at once and after a restart. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArgsOf, CallName } from '../../src/ipc/contract.ts';
import { readSetting } from '../../src/link/proxy.ts';
import type { DeviceHost } from '../../src/responder/host.ts';
import { createHost } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { viewHome } from '../../src/responder/view.ts';
import { Live } from '../kit/live.ts';
import { startConnectProxy, startSocksProxy, type TestProxy } from '../kit/proxy.ts';
import { until } from '../kit/until.ts';

const password = 'sesame-42-open';
const patienceMs = 60_000;
let live: Live;
let socks: TestProxy;
let connect: TestProxy;
/** Everything that went to a window or a log. */
let said: unknown[];

beforeEach(async () => {
  said = [];
  live = await Live.found({ members: 2, relays: 1 });
  await live.startRelays();
  socks = await startSocksProxy({ login: `ada:${password}` });
  connect = await startConnectProxy();
}, patienceMs);
afterEach(async () => {
  await Promise.all([live.end(), socks.close(), connect.close()]);
});

async function unlock(host: DeviceHost, i: number) {
  host.onChange((change) => said.push(change));
  const device = await host.unlock(live.device(i).passphrase);
  const ask = async <N extends CallName>(name: N, args: ArgsOf<N>) => {
    const reply = await host.gate(name, args);
    said.push(reply);
    return reply;
  };
  /** How the relay is reached, once it is. */
  const way = (proxy: string | undefined) =>
    until(
      () => {
        const [relay] = viewHome(device).relays;
        return relay?.state === 'up' && relay.proxy === proxy;
      },
      `the relay is reached by ${proxy ?? 'no proxy'}`,
    );
  return { host, device, ask, way };
}

describe('a proxy', () => {
  it(
    'that is set counts at once, ends what stood without it, and is the way of the first connection after a restart',
    async () => {
      const url = `socks5://127.0.0.1:${socks.port}`;
      const first = await unlock(live.host(0), 0);
      await first.way(undefined);
      const set = { proxy: url, isOnly: true, login: { user: 'ada', password } };
      expect(await first.ask('proxy.set', set)).toMatchObject({
        ok: true,
        value: { proxy: { use: 'named', isOnly: true, address: url, hasLogin: true } },
      });
      await first.way(url);
      expect(viewHome(first.device).proxy).toBe(`${url} with a name and a password; never directly`);
      expect(socks.logins).toEqual([`ada:${password}`]);
      await first.host.close();

      const log: unknown[] = [];
      const second = await unlock(
        createHost(
          live.device(0).dir,
          nodePorts((line) => log.push(line)),
        ),
        0,
      );
      const count = socks.targets.length;
      await second.way(url);
      expect(socks.targets.length).toBeGreaterThan(count);
      // Through another, with what was kept: that is refused, and through this one it is taken.
      const other = `http://127.0.0.1:${connect.port}`;
      expect(await second.ask('proxy.set', { proxy: other, isOnly: true, login: 'kept' })).toMatchObject({
        code: 'bad-login',
      });
      expect(await second.ask('proxy.set', { proxy: url, isOnly: false, login: 'kept' })).toMatchObject({ ok: true });
      expect(await second.ask('proxy.set', { proxy: other, isOnly: true })).toMatchObject({
        value: { proxy: { address: other, hasLogin: false } },
      });
      await second.way(other);
      expect(await second.ask('proxy.set', { proxy: 'none', isOnly: false })).toMatchObject({
        value: { proxy: { use: 'none' } },
      });
      await second.way(undefined);
      expect(await second.ask('proxy.set', { proxy: `http://ada:${password}@proxy:0`, isOnly: false })).toMatchObject({
        code: 'invalid',
      });
      await second.ask('device.read', {});
      await second.ask('home.read', {});
      await second.host.close();
      expect(JSON.stringify([said, log])).not.toContain(password);
      const { dir } = live.device(0);
      for (const name of readdirSync(dir).filter((each) => statSync(join(dir, each)).isFile()))
        expect(readFileSync(join(dir, name)).includes(password), name).toBe(false);
    },
    patienceMs,
  );

  it(
    'that whoever started Muster named goes before what is set, and that is said',
    async () => {
      const setting = readSetting(`127.0.0.1:${connect.port}`, true, 'environment');
      await (await unlock(live.host(0), 0)).host.close();
      const { host, device, ask, way } = await unlock(
        createHost(
          live.device(0).dir,
          nodePorts(() => undefined, { setting }),
        ),
        0,
      );
      const url = `http://127.0.0.1:${connect.port} (from the environment)`;
      await way(url);
      expect(await ask('proxy.set', { proxy: 'none', isOnly: false })).toMatchObject({
        value: { proxy: { use: 'none', instead: `${url}; never directly` } },
      });
      expect(viewHome(device)).toMatchObject({
        proxy: `${url}; never directly`,
        relays: [{ state: 'up', proxy: url }],
      });
      await host.close();
      const after = await unlock(live.host(0), 0);
      await after.way(undefined);
    },
    patienceMs,
  );

  it('is neither shown nor set while the vault is locked', async () => {
    const host = live.host(0);
    for (const [name, args] of [
      ['device.read', {}],
      ['reading.set', { tells: false }],
      ['proxy.set', { proxy: 'none', isOnly: false }],
    ] as const)
      expect(await host.gate(name, args), name).toMatchObject({ ok: false, code: 'locked' });
  });
});

it(
  'what was read is told, kept back and told again, as it is set, also after a restart',
  async () => {
    const room = live.everyone;
    const writer = await unlock(live.host(0), 0);
    let reader = await unlock(live.host(1), 1);
    const readersOf = (text: string) =>
      viewRoom(writer.device, room, undefined, 50)
        .messages.find((each) => each.text === text)
        ?.members.filter(({ read }) => read).length;
    const write = async (text: string) => {
      await writer.ask('room.send', { room, text });
      const entry = await until(
        () => viewRoom(reader.device, room, undefined, 50).messages.find((each) => each.text === text)?.entry,
        'it comes',
        patienceMs,
      );
      await reader.ask('room.seen', { room, entries: [entry] });
    };
    const isRead = (text: string) =>
      until(() => readersOf(text) === 1, `it is known that "${text}" was read`, patienceMs);
    await write('first');
    await isRead('first');
    expect(await reader.ask('reading.set', { tells: false })).toMatchObject({ value: { tellsReading: false } });
    await write('second');
    await reader.host.close();
    reader = await unlock(live.host(1), 1);
    expect(await reader.ask('device.read', {})).toMatchObject({ value: { tellsReading: false } });
    await write('third');
    expect(await reader.ask('reading.set', { tells: true })).toMatchObject({ value: { tellsReading: true } });
    await write('fourth');
    await isRead('fourth');
    // What is told comes in order: had anything been told of these, it would be here.
    expect(['first', 'second', 'third', 'fourth'].map(readersOf)).toEqual([1, 0, 0, 1]);
  },
  2 * patienceMs,
);

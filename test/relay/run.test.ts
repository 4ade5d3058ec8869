/** A relay as it is run: initialised, started, asked how it is, and what it does about the slow and the silent. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { initRelay, runRelay } from '../../server/run.ts';
import { encodeClientFrame } from '../../src/wire/frame.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { dropDataDir, enter, getPage, makeDataDir, RawClient, startTestRelay, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let device: TestDevice;
let dataDir = '';
let relay: { close(): Promise<void> } | undefined;

/** As a program runs it, out of flags. */
const run = async (flags: Readonly<Record<string, unknown>>) => {
  const { settings } = await readConfig({ flags: { data: dataDir, ...flags }, env: {}, cwd: dataDir });
  return runRelay(settings, { log: () => undefined, now: Date.now, admission: org.list([device]) });
};

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
  dataDir = makeDataDir();
});
afterEach(async () => {
  await relay?.close();
  relay = undefined;
  dropDataDir(dataDir);
});

const start = async (limits: Parameters<typeof startTestRelay>[1] = {}) => {
  const made = await startTestRelay([org.org], { dataDir, admission: org.list([device]), ...limits });
  relay = made;
  return made;
};

describe('init and run', () => {
  it('names pin and port before it listens, the same each time, and then listens there', async () => {
    const named = await initRelay(dataDir);
    expect(await initRelay(dataDir)).toEqual(named);
    expect(statSync(join(dataDir, 'key.pem')).mode & 0o777).toBe(0o600);
    const made = await run({ org: [org.org] });
    relay = made;
    expect({ pin: made.pin, port: made.port }).toEqual(named);
    await enter(made, org, device);
  });

  it('wants an organisation', async () => {
    await expect(run({})).rejects.toMatchObject({ code: 'invalid' });
  });

  it('says so when the port is taken, and leaves nothing open', async () => {
    const made = await start();
    const other = makeDataDir();
    await expect(startTestRelay([org.org], { dataDir: other, port: made.port })).rejects.toMatchObject({ code: 'io' });
    dropDataDir(other);
  });

  it('does not listen elsewhere when its place is unreadable, nor with a key of another certificate', async () => {
    await initRelay(dataDir);
    writeFileSync(join(dataDir, 'place.json'), '{"port":"x"}');
    await expect(start()).rejects.toMatchObject({ code: 'corrupt' });
    const other = makeDataDir();
    await initRelay(other);
    writeFileSync(
      join(dataDir, 'certificate.pem'),
      await import('node:fs').then((fs) => fs.readFileSync(join(other, 'certificate.pem'))),
    );
    await expect(initRelay(dataDir)).rejects.toMatchObject({ code: 'corrupt' });
    dropDataDir(other);
  });

  it('tells whether it is well', async () => {
    const { port } = await start();
    expect(await getPage(port, '/healthz', 'https')).toEqual({ status: 200, text: '{"ok":true,"trouble":null}\n' });
  });
});

describe('the slow and the silent', () => {
  it('hangs up on a socket that does not prove itself in time', async () => {
    const { port } = await start({ limits: { handshakeMs: 50 } });
    const client = await new RawClient(port).open();
    await client.whenClosed(2000);
  });

  it('lets the oldest stranger go when there are too many, and devices in', async () => {
    const made = await start({ limits: { strangers: 2 } });
    const strangers = [];
    for (let i = 0; i < 3; i++) strangers.push(await new RawClient(made.port).open());
    await strangers[0]?.whenClosed();
    await enter(made, org, device);
  });

  it('cuts a half-open socket, and leaves one that answers', async () => {
    const made = await start({ limits: { pingMs: 60 } });
    const [dead, alive] = [await enter(made, org, device), await enter(made, org, device)];
    let pings = 0;
    alive.socket.on('ping', () => {
      pings += 1;
    });
    dead.socket.pause();
    await until(() => pings >= 4, 'the relay has asked some times');
    dead.socket.resume();
    await dead.whenClosed();
    expect(alive.closed).toBeUndefined();
  });

  it('cuts a device that asks and never reads the answers', async () => {
    const limits = { framesAtOnce: 1e9, topicsPerConnection: 0, outgoingCutBytes: 100_000, pingMs: 60_000 };
    const made = await start({ limits });
    const client = await enter(made, org, device);
    const frame = encodeClientFrame({
      type: 'tail',
      topic: topicNumber(1),
      from: 0,
    }) /* each gets a refusal, longer than itself */;
    let isCut = false;
    client.socket.on('close', () => {
      isCut = true;
    });
    client.socket.pause();
    // A paused socket does not notice its own end, but writing to a cut connection does.
    client.socket.on('error', () => {
      isCut = true;
    });
    await until(
      () => {
        while (client.socket.readyState === client.socket.OPEN && client.socket.bufferedAmount < 100_000)
          client.socket.send(frame);
        return isCut || client.closed !== undefined || client.socket.readyState !== client.socket.OPEN;
      },
      'the relay cuts it',
      20_000,
    );
    await enter(made, org, device);
  }, 30_000);
});

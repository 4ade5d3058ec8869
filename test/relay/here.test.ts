/** The relay that a person starts on their own machine: the real one in this process, on loopback. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRelay } from '../../src/directory/relays.ts';
import { RelayHere } from '../../src/responder/relayHere.ts';
import { type Health, type MachineAddress, nodeRelay } from '../../src/responder/relayPort.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { dropDataDir, enter, envelopeNumber, makeDataDir, type RawClient, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let alice: TestDevice;
let dir: string;
let addresses: readonly MachineAddress[];
/** What the disk is made to say; the real answer if undefined. */
let health: Health | Promise<Health> | undefined;
const open: RelayHere[] = [];
const clients: RawClient[] = [];
const loopback: MachineAddress = { address: '127.0.0.1', network: 'this machine', onlyHere: true };

beforeAll(async () => {
  org = await makeOrg();
  alice = await makeDevice();
});
beforeEach(() => {
  dir = makeDataDir();
  addresses = [loopback];
  health = undefined;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const each of open.splice(0)) await each.close();
  dropDataDir(dir);
});

/** As Muster meets the folder when it is started. */
function muster(): RelayHere {
  const real = nodeRelay(() => undefined);
  const here = new RelayHere(
    dir,
    {
      relay: {
        ...real,
        addresses: () => addresses,
        async start(options) {
          const relay = await real.start(options);
          return { ...relay, health: async () => (await health) ?? relay.health() };
        },
      },
      setTimer(ms, fire) {
        // It looks often; what has a bound keeps it.
        const timer = setTimeout(fire, ms >= 3_000 ? 10 : ms);
        return () => clearTimeout(timer);
      },
      log: () => undefined,
    },
    () => undefined,
  );
  open.push(here);
  here.resume();
  return here;
}
const start = (here: RelayHere, host = '127.0.0.1', port = 0) =>
  here.start({ name: 'Laptop', org: org.org, host, port }, org.list([alice]));
const card = () => readRelay(readFileSync(join(dir, 'relay', 'relay.json'), 'utf8'));
function place() {
  const { relay: pin, addresses: told } = card();
  return { pin, port: Number(told[0]?.split(':').at(-1)) };
}
async function device(): Promise<RawClient> {
  const client = await enter(place(), org, alice);
  clients.push(client);
  return client;
}
const runs = (here: RelayHere) => until(() => here.view().state === 'running', 'the relay runs');
const isTaken = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });

describe('what is refused, with nothing started', () => {
  it.each(['0.0.0.0', '::', '127.0.0.2', '198.51.100.1', ''])('the address %j', async (host) => {
    const here = muster();
    await expect(start(here, host)).rejects.toMatchObject({ code: 'not-found' });
    expect(here.view().state).toBe('off');
    expect(existsSync(join(dir, 'relay', 'here.json'))).toBe(false);
  });

  it('an address that went just before', async () => {
    addresses = [{ ...loopback, address: '192.0.2.1' }];
    await expect(start(muster(), '192.0.2.1')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('does not have the address 192.0.2.1'),
    });
  });

  it('a port that another program uses, by number', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const at = other.address();
        resolve(typeof at === 'object' && at !== null ? at.port : 0);
      });
    });
    const here = muster();
    await expect(start(here, '127.0.0.1', port)).rejects.toMatchObject({
      code: 'already-there',
      message: expect.stringContaining(`uses port ${port}`),
    });
    expect(here.view().state).toBe('off');
    other.close();
    await start(here);
  });

  it('a second one beside the first', async () => {
    const here = muster();
    await start(here);
    await expect(start(here)).rejects.toMatchObject({ code: 'already-there' });
    await device();
  });

  it('a disk that cannot note it: a relay that would not come back must not begin', async () => {
    mkdirSync(join(dir, 'relay', 'here.json'), { recursive: true });
    const here = muster();
    await expect(start(here)).rejects.toMatchObject({ code: 'disk' });
    expect(here.view().state).toBe('off');
    expect(await isTaken(place().port)).toBe(false);
  });
});

describe('a relay here', () => {
  it('serves devices of the list, and tells how many there are', async () => {
    const here = muster();
    await start(here);
    expect(here.view()).toMatchObject({ state: 'running', at: `127.0.0.1:${place().port}` });
    const client = await device();
    client.send({ type: 'append', ref: 1, items: [[topicNumber(1), envelopeNumber(7)]] });
    expect((await client.take('appended')).receipts).toHaveLength(1);
    await until(() => here.view().devices === 1, 'one device is counted');
  });

  it('keeps pin, port and what it stored over stopping and starting, and frees the port between', async () => {
    const here = muster();
    await start(here);
    const before = card();
    const client = await device();
    client.send({ type: 'append', ref: 1, items: [[topicNumber(1), envelopeNumber(7)]] });
    await client.take('appended');
    await here.stop();
    expect(here.view()).toMatchObject({ state: 'off', devices: 0 });
    expect(await isTaken(place().port)).toBe(false);
    await start(here);
    expect(card()).toEqual(before);
    const again = await device();
    again.send({ type: 'tail', topic: topicNumber(1), from: 0 });
    expect((await again.take('deliver')).items).toHaveLength(1);
  });

  it('comes back by itself when it ran as Muster ended, with the list it had, and nobody there to unlock', async () => {
    const first = muster();
    await start(first);
    await first.close();
    expect(await isTaken(place().port)).toBe(false);
    const second = muster();
    await runs(second);
    await device();
  });

  it('is noted before anybody hears that it started, so that a crash one moment later does not lose it', async () => {
    const here = muster();
    await start(here);
    expect(JSON.parse(readFileSync(join(dir, 'relay', 'here.json'), 'utf8'))).toMatchObject({
      isOn: true,
      pin: place().pin,
      port: place().port,
    });
  });

  it('stays stopped once it was stopped, also for a second Muster that waited to take over', async () => {
    const first = muster();
    await start(first);
    const second = muster();
    await until(() => second.view().trouble?.includes('runs on this data folder already'), 'the second may not');
    await first.stop();
    await until(() => second.view().state === 'off', 'the second has seen it');
    expect(second.view().trouble).toBeUndefined();
    expect(muster().view().state).toBe('off');
    expect(await isTaken(place().port)).toBe(false);
  });

  it('shows name and pin to nobody while the vault is locked', async () => {
    const here = muster();
    await start(here);
    expect(JSON.stringify(here.view())).not.toContain(place().pin);
    expect(JSON.stringify(here.view())).not.toContain('Laptop');
  });

  it('begins anew with the same key when the note about it is damaged', async () => {
    const here = muster();
    await start(here);
    const { pin, port } = place();
    await here.close();
    writeFileSync(join(dir, 'relay', 'here.json'), '{"isOn":true,"host":"0.0.0.0"}');
    const next = muster();
    expect(next.view().state).toBe('off');
    await start(next);
    expect(place()).toEqual({ pin, port });
  });
});

describe('trouble is shown and goes by itself:', () => {
  it('the address is gone while it runs', async () => {
    const here = muster();
    await start(here);
    addresses = [];
    await until(() => here.view().trouble?.includes('does not have the address'), 'it is said');
    expect(here.view().state).toBe('running');
    addresses = [loopback];
    await until(() => here.view().trouble === undefined, 'it is over');
    await device();
  });

  it('the address is not there yet when Muster starts', async () => {
    const first = muster();
    await start(first);
    await first.close();
    addresses = [];
    const second = muster();
    await until(() => second.view().trouble?.includes('does not have the address'), 'it is said');
    expect(second.view().state).toBe('waiting');
    expect(await isTaken(place().port)).toBe(false);
    addresses = [loopback];
    await runs(second);
    expect(second.view().trouble).toBeUndefined();
  });

  it('the disk is full', async () => {
    const here = muster();
    await start(here);
    health = { ok: false, admitted: 2 };
    await until(() => here.view().trouble?.includes('disk'), 'it is said');
    expect(here.view().devices).toBe(2);
    health = undefined;
    await until(() => here.view().trouble === undefined, 'it is over');
  });

  it('the disk hangs', async () => {
    const here = muster();
    await start(here);
    health = new Promise(() => undefined);
    await until(() => here.view().trouble?.includes('may hang'), 'it is said', 10_000);
    health = undefined;
    await until(() => here.view().trouble === undefined, 'it is over');
  });

  it('the key is another one, or is gone: nobody who knows the pin would trust it', async () => {
    const here = muster();
    await start(here);
    const { pin, port } = place();
    await here.close();
    for (const file of ['key.pem', 'certificate.pem']) rmSync(join(dir, 'relay', file));
    const next = muster();
    await until(() => next.view().trouble?.includes('not the one it had'), 'it is said');
    expect([next.view().state, await isTaken(port)]).toEqual(['waiting', false]);
    await next.stop();
    await expect(start(next)).rejects.toMatchObject({ code: 'corrupt' });
    expect([place().pin, next.view().state]).toEqual([pin, 'off']);
  });

  it('a folder that holds half a relay is named, and what is there is left', async () => {
    const here = muster();
    await start(here);
    await here.close();
    rmSync(join(dir, 'relay', 'certificate.pem'));
    const next = muster();
    await until(() => next.view().trouble?.includes('certificate'), 'it is said');
    expect(existsSync(join(dir, 'relay', 'key.pem'))).toBe(true);
    await next.stop();
    expect(next.view().state).toBe('off');
  });
});

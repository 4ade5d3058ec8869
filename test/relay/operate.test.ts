/** The operator's commands, at a relay that runs and at one that does not; what must be refused comes first. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareIdentity, readIdentity } from '../../server/certificate.ts';
import { withFolder } from '../../server/command/folder.ts';
import { readRelay } from '../../src/directory/relays.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { dropDataDir, enter, envelopeNumber, greet, makeDataDir, prove, topicNumber } from '../kit/relay.ts';
import { makeTerminal, type Ran, type Terminal } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let [ada, bela]: TestDevice[] = [];
let dir = '';
let muster: Terminal;
const running: { interrupt(): Promise<Ran> }[] = [];

beforeEach(async () => {
  org = await makeOrg();
  [ada, bela] = [await makeDevice(), await makeDevice()];
  dir = makeDataDir();
  muster = makeTerminal(dir);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.interrupt()));
  dropDataDir(dir);
});

const device = (each: TestDevice | undefined): TestDevice => {
  if (each === undefined) throw new Error('no such device');
  return each;
};
const both = (): readonly TestDevice[] => [device(ada), device(bela)];
const inDir = (name: string) => join(dir, name);
const write = (name: string, bytes: Bytes | string) => writeFileSync(inDir(name), bytes);

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run('relay', ...args);
  expect([code, err]).toEqual([0, '']);
  return out;
}
const refused = async (code: number, text: RegExp, ...args: readonly string[]) =>
  expect(await muster.run('relay', ...args)).toMatchObject({ code, out: '', err: expect.stringMatching(text) });

/** Made and running on `r`, with this list. */
async function start(list: Bytes | undefined, data = 'r', ...more: readonly string[]) {
  if (!existsSync(inDir(data))) await ok('init', '--data', data, '--name', 'Oslo');
  if (list !== undefined) write('list', list);
  const admission = list === undefined ? [] : ['--admission', 'list'];
  const relay = muster.start('relay', 'start', '--json', '--data', data, '--org', org.org, ...admission, ...more);
  running.push(relay);
  const line = await until(() => relay.out() !== '' && relay.out(), 'the relay listens');
  const { port, pin } = JSON.parse(line) as { port: number; pin: never };
  return { port, pin, stop: () => running.splice(running.indexOf(relay), 1)[0]?.interrupt() };
}

const append = async (client: Awaited<ReturnType<typeof enter>>, n: number) => {
  client.send({ type: 'append', ref: n, items: [[topicNumber(1), envelopeNumber(n)]] });
  const { receipts } = await client.take('appended');
  return receipts[0]?.[0] ?? 0;
};
const status = async (data = 'r') =>
  JSON.parse(await ok('status', '--data', data, '--json')) as Record<string, unknown>;

describe('init', () => {
  it('shows the pin in words, digits and a code, and writes what the others need; a second time it keeps all of it', async () => {
    const said = await ok('init', '--data', 'r', '--name', 'Oslo', '--address', '203.0.113.7:7443');
    expect(said).toMatch(/pin in words {3}(\w+ ){11}\w+/);
    expect(said).toMatch(/pin in digits {2}([0-9a-f]{8} ?){8}/);
    expect(said).toMatch(/[█▀▄ ]{30}/);
    expect(readFileSync(inDir('r/relay.toml'), 'utf8')).toContain('listen = "0.0.0.0:7443"');
    expect(readFileSync(inDir('r/relay.json'), 'utf8')).toContain(readIdentity(inDir('r'))?.pin);
    expect(statSync(inDir('r')).mode & 0o777).toBe(0o700);
    write('r/relay.toml', '# mine\n');
    const again = await ok('init', '--data', 'r', '--name', 'Oslo');
    expect(again).toContain('keeps its key');
    expect(again).toContain(/pin in digits .*/.exec(said)?.[0]);
    expect(readFileSync(inDir('r/relay.toml'), 'utf8')).toBe('# mine\n');
  });
});

describe('init, of what nobody would take afterwards', () => {
  it('refuses a name or operator that is too long, and too many addresses, and makes nothing', async () => {
    const [longest, longer] = ['n'.repeat(120), 'n'.repeat(121)];
    const addresses = Array.from({ length: 9 }, (_, i) => `203.0.113.${i}:7443`);
    await refused(2, /120 characters at most/, 'init', '--data', 'r', '--name', longer);
    await refused(2, /120 characters at most/, 'init', '--data', 'r', '--name', 'Oslo', '--operator', longer);
    await refused(2, /8 addresses at most/, 'init', '--data', 'r', '--name', 'Oslo', '--address', ...addresses);
    expect(existsSync(inDir('r'))).toBe(false);
    await ok('init', '--data', 'r', '--name', longest, '--operator', longest);
    expect(readRelay(readFileSync(inDir('r/relay.json'), 'utf8')).name).toBe(longest);
    await start(org.list(both()));
  });
});

describe('start', () => {
  it('makes no relay in a folder that is not there, and no new key beside a store', async () => {
    await refused(2, /There is no relay in .*nowhere/, 'start', '--data', 'nowhere', '--org', org.org);
    expect(existsSync(inDir('nowhere'))).toBe(false);
    mkdirSync(inDir('lost'));
    write('lost/relay.db', '');
    await refused(2, /a store in this folder and no key.*from a backup/, 'start', '--data', 'lost', '--org', org.org);
  });

  it('never runs twice on one folder', async () => {
    await start(org.list(both()));
    await refused(2, /runs on this data folder already/, 'start', '--data', 'r', '--org', org.org);
    const { running: isRunning } = await status();
    expect(isRunning).toBe(true);
  });

  it('never runs beside a command that has opened the store of the stopped relay', async () => {
    const relay = await start(org.list(both()));
    await relay.stop();
    await withFolder(inDir('r'), Date.now, async () => {
      await refused(2, /a command works on it/, 'start', '--data', 'r', '--org', org.org);
      await refused(4, /try again/, 'backup', 'b', '--data', 'r');
    });
    await start(undefined);
  });

  it('removes what a killed backup left behind', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    for (const name of ['copy.db', 'copy.db.part']) write(`r/${name}`, 'the size of the store');
    await start(org.list(both()));
    expect(readdirSync(inDir('r')).filter((name) => name.startsWith('copy'))).toEqual([]);
  });
});

describe('status', () => {
  it('says that there is none, and makes none', async () => {
    await refused(2, /There is no relay in .*nowhere/, 'status', '--data', 'nowhere');
    expect(existsSync(inDir('nowhere'))).toBe(false);
  });

  it('tells the same of a relay that runs and of one that was stopped', async () => {
    const relay = await start(org.list(both(), { version: 3 }));
    const client = await enter(relay, org, device(ada));
    await greet(relay.port);
    await append(client, 1);
    expect(await status()).toMatchObject({
      ...{ running: true, ok: true, trouble: null, port: relay.port, pin: relay.pin, admitted: 1, strangers: 1 },
      ...{ lists: [{ org: org.org, version: 3 }], topics: 1, envelopes: 1, bytes: 300, waiting: 0 },
    });
    expect(await ok('status', '--data', 'r')).toMatch(/runs since .*connected +1 devices, 1 not proved yet/s);
    expect(await ok('status', '--data', 'r', '--check')).toBe('');
    const stopped = await relay.stop();
    await refused(2, /does not run/, 'status', '--data', 'r', '--check');
    expect(stopped).toMatchObject({ code: 0, err: expect.stringContaining('Everything it acknowledged') });
    expect(await client.whenClosed()).toEqual({ code: 1001 });
    expect(await status()).toMatchObject({
      ...{ running: false, ok: true, port: relay.port, pin: relay.pin },
      ...{ lists: [{ org: org.org, version: 3 }], topics: 1, envelopes: 1, bytes: 300 },
    });
    expect(await ok('status', '--data', 'r')).toMatch(/does not run.*admission list 3.*1 envelopes in 1 topics/s);
  });
});

describe('backup and restore', () => {
  it('refuses what would write over something, and what is damaged, and leaves nothing behind', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    await ok('backup', 'b', '--data', 'r');
    await refused(2, /never written over/, 'backup', 'b', '--data', 'r');
    await refused(2, /There is no relay/, 'backup', 'c', '--data', 'nowhere');
    await refused(2, /cannot be written there/, 'backup', 'no/such/folder', '--data', 'r');
    expect(readdirSync(inDir('r'))).not.toContain('copy.db');
    await refused(2, /something in that data folder already/, 'restore', 'b', '--data', 'r');
    await refused(2, /is no backup of a relay/, 'restore', 'r', '--data', 'again');
    const whole = readFileSync(inDir('b/relay.db'));
    write('b/relay.db', Buffer.concat([whole.subarray(0, 100), Buffer.of((whole[100] ?? 0) ^ 1), whole.subarray(101)]));
    await refused(1, /damaged: relay\.db/, 'restore', 'b', '--data', 'again');
    write('b/relay.db', whole);
    rmSync(inDir('b/key.pem'));
    await refused(4, /a file of it is missing/, 'restore', 'b', '--data', 'again');
    write('b/backup.json', `{"madeAtMs":1,"files":{"../../evil":"${'0'.repeat(64)}"}}`);
    await refused(1, /names other files than a relay has/, 'restore', 'b', '--data', 'again');
    expect(existsSync(inDir('again'))).toBe(false);
  });

  it('is made while the relay works, for the owner alone, and comes back as the same relay that devices can tell', async () => {
    const relay = await start(org.list(both()));
    const client = await enter(relay, org, device(ada));
    const kept = await append(client, 1);
    const said = await ok('backup', 'b', '--data', 'r');
    expect(said).toMatch(/while it runs on.*It holds the key of the relay/s);
    expect(readdirSync(inDir('r'))).not.toContain('copy.db');
    for (const name of readdirSync(inDir('b'))) expect(statSync(inDir(`b/${name}`)).mode & 0o777).toBe(0o600);
    expect(statSync(inDir('b')).mode & 0o777).toBe(0o700);
    const after = await append(client, 2);
    const before = await status();
    await relay.stop();

    expect(await ok('restore', 'b', '--data', 'again')).toMatch(/the same key, 1 envelopes/);
    const restored = await start(undefined, 'again');
    expect([restored.pin, restored.port]).toEqual([relay.pin, relay.port]);
    // Another store id: what came after the backup is missing, and devices must learn that.
    expect((await status('again'))['store']).not.toBe(before['store']);
    const back = await enter(restored, org, device(bela));
    back.send({ type: 'tail', topic: topicNumber(1), from: 0 });
    const { items } = await back.take('deliver');
    expect(items.map(([offset]) => offset)).toEqual([kept]);
    // Offsets that were given after the backup are never given to anything else.
    expect(await append(back, 3)).toBeGreaterThan(kept);
    expect(await append(back, 2)).not.toBe(after);
  });
});

describe('the QR code', () => {
  const codeOf = (text: string) => renderUnicodeCompact(text, { border: 2 }).replace(/^/gm, '  ');

  it('holds relay.json, which a custodian can use, and with a new key the next one', async () => {
    const made = await ok('init', '--data', 'r', '--name', 'Oslo', '--address', '203.0.113.7:7443');
    expect(made).toContain(codeOf(readFileSync(inDir('r/relay.json'), 'utf8')));
    const next = await ok('rotate-cert', '--data', 'r', '--new-key');
    expect(next).toContain(codeOf(readFileSync(inDir('r/next-relay.json'), 'utf8')));
    expect(readRelay(readFileSync(inDir('r/next-relay.json'), 'utf8')).addresses).toEqual(['203.0.113.7:7443']);
  });

  it('is left out where it would be wider than a terminal', async () => {
    const addresses = Array.from({ length: 8 }, (_, i) => `${'long'.repeat(15)}${i}.example.org:7443`);
    const made = await ok('init', '--data', 'r', '--name', 'Oslo', '--address', ...addresses);
    expect(made).toContain('pin in words');
    expect(made).not.toMatch(/[▀▄█]/);
  });
});

describe('rotate-cert', () => {
  it('refuses to switch to a key that was never made, and both at once', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    await refused(2, /no new key was prepared/, 'rotate-cert', '--data', 'r', '--switch');
    await refused(2, /One at a time/, 'rotate-cert', '--data', 'r', '--switch', '--new-key');
  });

  it('keeps the key: another certificate, the same pin, at the running relay after a restart', async () => {
    const relay = await start(org.list(both()));
    const before = readIdentity(inDir('r'));
    expect(await ok('rotate-cert', '--data', 'r')).toMatch(/same key.*start it again/s);
    const after = readIdentity(inDir('r'));
    expect(after?.pin).toBe(before?.pin);
    expect(after?.certificatePem).not.toBe(before?.certificatePem);
    await relay.stop();
    await enter(await start(undefined), org, device(ada));
  });

  it('a new key waits beside the old one, then takes its place, and a switch that was cut short is finished', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    const old = readIdentity(inDir('r'));
    const said = await ok('rotate-cert', '--data', 'r', '--new-key');
    expect(said).toMatch(/stays in force.*signed anew.*next-relay\.json/s);
    expect(readIdentity(inDir('r'))?.pin).toBe(old?.pin);
    const next = await prepareIdentity(inDir('r'));
    expect(readFileSync(inDir('r/next-relay.json'), 'utf8')).toContain(next.pin);
    // As if the power went between the two renames.
    writeFileSync(inDir('r/certificate.pem'), readFileSync(inDir('r/next-certificate.pem')));
    rmSync(inDir('r/next-certificate.pem'));
    expect((await start(org.list(both()))).pin).toBe(next.pin);
    expect(existsSync(inDir('r/next-key.pem'))).toBe(false);
  });

  it.each(['rotate-cert --switch', 'rotate-cert --new-key', 'status', 'backup b'])(
    'a switch that was cut short is finished by %s as well',
    async (line) => {
      await ok('init', '--data', 'r', '--name', 'Oslo');
      await ok('rotate-cert', '--data', 'r', '--new-key');
      const old = readIdentity(inDir('r'))?.pin;
      const { pin, certificatePem } = await prepareIdentity(inDir('r'));
      write('r/place.json', JSON.stringify({ port: 7443, pin: old })); // it has run
      write('r/certificate.pem', certificatePem);
      rmSync(inDir('r/next-certificate.pem'));
      await ok(...line.split(' '), '--data', 'r');
      expect(readIdentity(inDir('r'))?.pin).toBe(pin);
      if (line.startsWith('backup')) await ok('restore', 'b', '--data', 'again');
      if (line.endsWith('--switch')) expect(readFileSync(inDir('r/relay.json'), 'utf8')).toContain(pin);
    },
  );

  it('takes relay.json as it is written, and says so when it cannot be read', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    const { name, addresses } = readRelay(readFileSync(inDir('r/relay.json'), 'utf8'));
    write('r/relay.json', JSON.stringify({ name, addresses, pin: '0'.repeat(64) }));
    await ok('rotate-cert', '--data', 'r', '--new-key');
    const { pin } = await prepareIdentity(inDir('r'));
    expect(readRelay(readFileSync(inDir('r/next-relay.json'), 'utf8'))).toMatchObject({ relay: pin, name, addresses });
    write('r/relay.json', '{"pin": ');
    await refused(2, /relay.json cannot be read/, 'rotate-cert', '--data', 'r', '--new-key');
  });

  it('switches, keeps the key before, and says what devices will do', async () => {
    await ok('init', '--data', 'r', '--name', 'Oslo');
    const old = readIdentity(inDir('r'));
    await ok('rotate-cert', '--data', 'r', '--new-key');
    const next = await prepareIdentity(inDir('r'));
    expect(await ok('rotate-cert', '--data', 'r', '--switch')).toMatch(/do not trust this relay any more/);
    expect(readFileSync(inDir('r/old-key.pem'), 'utf8')).toBe(old?.keyPem);
    expect(readFileSync(inDir('r/relay.json'), 'utf8')).toContain(next.pin);
    expect((await status())['pin']).toBe(next.pin);
  });
});

describe('admit', () => {
  it('refuses what is no list, of another organisation, older than the one in force or signed by too few', async () => {
    await start(org.list(both(), { version: 5 }));
    write('noise', 'noise');
    await refused(1, /noise is not an admission list/, 'admit', 'noise', '--data', 'r');
    await refused(2, /gone cannot be read/, 'start', '--data', 'r', '--org', org.org, '--admission', 'gone');
    await refused(2, /gone cannot be read/, 'admit', 'gone', '--data', 'r');
    write('foreign', (await makeOrg()).list(both()));
    await refused(1, /did not serve/, 'admit', 'foreign', '--data', 'r');
    write('old', org.list([device(ada)], { version: 4 }));
    await refused(1, /older than the list in force/, 'admit', 'old', '--data', 'r');
    write('few', org.list([device(ada)], { version: 6, signers: [0] }));
    await refused(1, /few does not hold/, 'admit', 'few', '--data', 'r');
    expect(await status()).toMatchObject({ lists: [{ version: 5 }] });
  });

  it('cuts a revoked device off a running relay, and nobody else', async () => {
    const relay = await start(org.list(both()));
    const [stays, goes] = [await enter(relay, org, device(ada)), await enter(relay, org, device(bela))];
    write('next', org.list([device(ada)], { version: 2 }));
    expect(await ok('admit', 'next', '--data', 'r')).toMatch(/list 2 .*in force: 1 devices.*cut off/s);
    expect(await goes.whenClosed(1000)).toEqual({ code: 4403 });
    await append(stays, 1);
    expect(stays.closed).toBeUndefined();
  });

  it('is in force at a stopped relay from its next start, and older ones are refused there as well', async () => {
    await (await start(org.list(both()))).stop();
    write('next', org.list([device(ada)], { version: 2 }));
    expect(await ok('admit', 'next', '--data', 'r')).toContain('does not run');
    write('old', org.list(both(), { version: 1 }));
    await refused(1, /older than the list in force/, 'admit', 'old', '--data', 'r');
    const relay = await start(undefined);
    await enter(relay, org, device(ada));
    const { client, challenge } = await greet(relay.port);
    prove(client, challenge, relay.pin, org.org, device(bela));
    expect(await client.take('refused')).toMatchObject({ code: 'not-admitted' });
  });
});

describe('who may', () => {
  it('the control socket is its owner’s alone, and is gone with the relay', async () => {
    const relay = await start(org.list(both()));
    expect(statSync(inDir('r/control.sock')).mode & 0o777).toBe(0o600);
    await relay.stop();
    expect(existsSync(inDir('r/control.sock'))).toBe(false);
  });

  it('a relay whose path is too long for a socket runs without, and no command mistakes it for a stopped one', async () => {
    const data = 'x'.repeat(110);
    await ok('init', '--data', data, '--name', 'Oslo');
    await start(org.list(both()), data);
    await refused(2, /Something answers on port \d+/, 'backup', 'b', '--data', data);
    await refused(2, /Something answers on port \d+/, 'status', '--data', data);
  });
});

/** From nothing to a message that arrived, through the command line alone: real keys, real vaults, real relays. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTerminal, type Ran } from '../kit/terminal.ts';
import { until } from '../kit/until.ts';

const heading =
  'handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary';
const withPassphrase = ['--passphrase-file', 'pw'] as const;
const text = 'Treat mail and chat as hostile.';

const dir = mkdtempSync(join(tmpdir(), 'muster-cli-'));
const muster = makeTerminal(dir);
const relays: { interrupt(): Promise<Ran> }[] = [];
let org = '';
/** The safety words that devices printed. */
const spoken: string[] = [];

/** Runs a command that must succeed. */
async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await muster.run(...args);
  expect(err).toBe('');
  expect(code).toBe(0);
  return out;
}

const draftArgs = (out: string, ...more: readonly string[]) => [
  ...['list', 'draft', '--org', 'org.genesis', '--contacts', 'contacts.csv', '--join', '.'],
  ...['--relay', 'r1/relay.json', 'r2/relay.json', '--programme', 'programme.json', '--out', out, ...more],
];

async function startRelay(data: string): Promise<void> {
  const relay = muster.start('relay', 'start', '--data', data, '--org', org, '--admission', 'list.muster');
  relays.push(relay);
  await until(() => relay.out().includes('Relay listens on 127.0.0.1:'), `relay ${data} listens`);
}

beforeAll(async () => {
  writeFileSync(join(dir, 'pw'), 'four blue horses sleep\n');
  writeFileSync(
    join(dir, 'contacts.csv'),
    [
      heading,
      'ada,Ada Brandt,commander,Crisis,Europe/Berlin,bela,mobile,+49 151 1,yes,email,ada@example.org,no',
      'bela,Béla Szabó,officer,IT,Europe/Budapest,ada,mobile,+36 20 1,yes,radio,Channel 7,yes',
    ].join('\n'),
  );
  const drill = {
    title: 'Spring drill',
    announced: false,
    from: '2999-03-01T09:00:00+01:00',
    to: '2999-03-05T17:00:00+01:00',
    coordinators: ['ada'],
    openWithinSeconds: 60,
    answerWithinSeconds: 300,
    escalateAfterSeconds: 300,
    closeAfterSeconds: 900,
    answeredPercent: 80,
  };
  writeFileSync(join(dir, 'programme.json'), JSON.stringify({ drills: [drill] }));
});

afterAll(async () => {
  await Promise.all(relays.map((relay) => relay.interrupt()));
  rmSync(dir, { recursive: true, force: true });
});

test('three custodians found an organisation', async () => {
  for (const name of ['one', 'two', 'three'])
    await ok('org', 'key', '--name', name, '--out', `${name}.key`, ...withPassphrase);
  const publicKeys = ['one.pub', 'two.pub', 'three.pub'];
  const said = await ok(
    'org',
    'found',
    '--name',
    'Nordwerk',
    '--custodian',
    ...publicKeys,
    '--threshold',
    '2',
    '--out',
    'org.genesis',
  );
  expect(said).toMatch(/in words {3}(\w+ ){11}\w+/);
  expect(said).toContain('Write the fingerprint on paper');
  org = (JSON.parse(await ok('org', 'show', 'org.genesis', '--json')) as { fingerprint: string }).fingerprint;
  const twice = await muster.run(
    'org',
    'found',
    '--name',
    'X',
    '--custodian',
    'one.pub',
    'one.key',
    '--threshold',
    '1',
    '--out',
    'x.genesis',
  );
  expect([twice.code, existsSync(join(dir, 'x.genesis'))]).toEqual([2, false]);
});

test('two devices and two relays make what a list needs', async () => {
  for (const handle of ['ada', 'bela']) {
    const said = await ok(
      'device',
      'init',
      '--dir',
      `dev-${handle}`,
      '--handle',
      handle,
      '--name',
      `${handle}-1`,
      '--out',
      `${handle}.join`,
      ...withPassphrase,
    );
    spoken.push(/^ {6}((?:\w+ ){7}\w+)$/m.exec(said)?.[1] ?? 'no words');
  }
  for (const data of ['r1', 'r2']) {
    await ok('relay', 'init', '--data', data, '--name', `Relay ${data}`);
    const { addresses } = JSON.parse(readFileSync(join(dir, data, 'relay.json'), 'utf8')) as {
      addresses: readonly string[];
    };
    expect(addresses[0]).toMatch(/^127\.0\.0\.1:\d+$/);
  }
});

test('a list is drafted, signed by two of three, issued and installed', async () => {
  const drafted = await ok(...draftArgs('draft.list'));
  // What the custodian sees is what the member reads out.
  for (const words of spoken) expect(drafted).toContain(words);
  await ok('device', 'init', '--dir', 'dev-x', '--handle', 'x', '--name', 'x', '--out', 'x.request', ...withPassphrase);
  await ok('list', 'sign', '--draft', 'draft.list', '--key', 'one.key', ...withPassphrase);
  const early = await muster.run('list', 'issue', '--draft', 'draft.list', '--out', 'list.muster');
  expect([early.code, early.err]).toEqual([2, expect.stringContaining('1 of the 2 signatures')]);
  const again = await muster.run('list', 'sign', '--draft', 'draft.list', '--key', 'one.key', ...withPassphrase);
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('signed this draft already')]);
  await ok('list', 'sign', '--draft', 'draft.list', '--key', 'three.key', ...withPassphrase);
  await ok('list', 'issue', '--draft', 'draft.list', '--out', 'list.muster');

  const stranger = await muster.run('list', 'install', 'list.muster', '--dir', 'dev-x', ...withPassphrase);
  expect([stranger.code, stranger.err]).toEqual([1, expect.stringContaining('does not name this device')]);
  const other = await muster.run(
    'list',
    'install',
    'list.muster',
    '--dir',
    'dev-ada',
    '--org',
    '0'.repeat(64),
    ...withPassphrase,
  );
  expect([other.code, other.err]).toEqual([1, expect.stringContaining('another organisation')]);
  await ok('list', 'install', 'list.muster', '--dir', 'dev-ada', '--org', org, ...withPassphrase);
  expect(await ok('list', 'install', 'list.muster', '--dir', 'dev-bela', ...withPassphrase)).toContain(
    'Compare with the paper',
  );
});

test('a draft that follows shows what it changes and keeps what must stay', async () => {
  writeFileSync(join(dir, 'programme.json'), JSON.stringify({ drills: [] }));
  const said = await ok(...draftArgs('next.list', '--previous', 'list.muster'));
  expect(said).toContain('Muster list 2 of Nordwerk');
  expect(said).toContain('Nothing but the dates changes against list 1.');
  expect(said).toContain('Spring drill');
  expect(said).not.toContain('former device');
});

test('a draft that replaces a device says which one leaves, and the list shows it from then on', async () => {
  const made = ['--dir', 'dev-bela-2', '--handle', 'bela', '--name', 'bela-2', '--out', 'bela.request'];
  await ok('device', 'init', ...made, ...withPassphrase);
  const args = draftArgs('replaced.list', '--previous', 'list.muster');
  const said = await ok(...args.flatMap((arg) => (arg === '.' ? ['ada.join', 'bela.request'] : [arg])));
  expect(said).toContain('device leaves for good: bela-1');
  expect(said).toContain('device comes: bela-2');
  expect(said).toMatch(/1 former device\n.*\n +bela-1 +member [0-9a-f]{8} +officer +1 to 1/);
  const { members, former } = JSON.parse(await ok('list', 'show', 'replaced.list', '--json')) as {
    members: readonly { devices: readonly { name: string; since: number }[] }[];
    former: readonly object[];
  };
  expect(members.flatMap(({ devices }) => devices.map(({ name, since }) => [name, since]))).toEqual([
    ['ada-1', 1],
    ['bela-2', 2],
  ]);
  expect(former).toMatchObject([{ name: 'bela-1', role: 'officer', since: 1, until: 2 }]);
});

test('what is said while no relay is there is kept, the exit code says so, and relays are waited for once', async () => {
  const beganMs = performance.now();
  const { code, out, err } = await muster.run(
    'room',
    'send',
    'Everyone',
    'first',
    '--dir',
    'dev-ada',
    '--wait',
    '8',
    '--json',
    ...withPassphrase,
  );
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ sent: false, relays: 0, relaysTotal: 2 });
  expect(err).toMatch(/Kept on this device, not sent.*Relay r1: /);
  expect(performance.now() - beganMs).toBeLessThan(2 * 8_000);
});

test('a relay whose --org is mistyped says so, with the file', async () => {
  const other = `${org.slice(0, 63)}${org.endsWith('0') ? '1' : '0'}`;
  const { code, err } = await muster.run(
    'relay',
    'start',
    '--data',
    'r1',
    '--org',
    other,
    '--admission',
    'list.muster',
  );
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/list\.muster is of organisation .*, and --org names another/),
  ]);
});

test('with relays, what one device sends the other reads', async () => {
  await startRelay('r1');
  await startRelay('r2');
  expect(await ok('room', 'send', 'everyone', text, '--dir', 'dev-ada', ...withPassphrase)).toBe(
    'Sent to Everyone: on 2 of 2 relays, on disk.',
  );
  const said = await ok('room', 'read', 'Everyone', '--dir', 'dev-bela', '--json', ...withPassphrase);
  const { messages, whole } = JSON.parse(said) as {
    whole: boolean;
    messages: readonly { text: string; authorName: string }[];
  };
  expect(whole).toBe(true);
  expect(messages.map((message) => [message.authorName, message.text])).toEqual([
    ['Ada Brandt', 'first'],
    ['Ada Brandt', text],
  ]);
  const own = await ok('room', 'read', 'Everyone', '--dir', 'dev-ada', ...withPassphrase);
  expect(own).toMatch(/on 2 of 2 relays · on [12] of 2 devices$/m);
});

test('what is read is told to the room unless the person says no', async () => {
  const show = () => ok('device', 'show', '--dir', 'dev-bela', ...withPassphrase);
  const set = (said: string) => muster.run('device', 'reading', said, '--dir', 'dev-bela', ...withPassphrase);
  expect(await show()).toMatch(/reading +is told to the room/);
  expect(await set('hide')).toMatchObject({ code: 0, err: '' });
  expect(await show()).toMatch(/reading +is told to nobody/);
  expect(await set('perhaps')).toMatchObject({ code: 2, out: '' });
  expect(await show()).toMatch(/reading +is told to nobody/);
  expect(await set('tell')).toMatchObject({ code: 0, err: '' });
  expect(await show()).toMatch(/reading +is told to the room/);
});

test('a room for some, from stdin, by a name without its accents', async () => {
  await ok('room', 'create', '--title', 'Incident 7', '--member', 'bela szabo', '--dir', 'dev-ada', ...withPassphrase);
  await ok('room', 'send', 'Incident 7', '-', '--dir', 'dev-bela', ...withPassphrase);
  expect(await ok('room', 'read', 'incident 7', '--dir', 'dev-ada', ...withPassphrase)).toContain('from stdin');
});

test('no moment of an unannounced drill is shown, and there is nothing to answer', async () => {
  const said = await ok('drill', 'show', '--dir', 'dev-ada', ...withPassphrase);
  expect(said).toContain('1 drill to come, 1 of them unannounced.');
  expect(said).not.toContain('2999');
  const { code, err } = await muster.run('drill', 'answer', 'there', '--dir', 'dev-ada', ...withPassphrase);
  expect([code, err]).toEqual([2, expect.stringContaining('No drill is running')]);
  expect((await muster.run('report', 'show', '--dir', 'dev-ada', ...withPassphrase)).code).toBe(2);
});

test('a wrong passphrase is the caller’s', async () => {
  writeFileSync(join(dir, 'wrong'), 'four blue horses wake\n');
  const { code, err } = await muster.run('room', 'list', '--dir', 'dev-ada', '--passphrase-file', 'wrong');
  expect([code, err]).toEqual([
    2,
    'muster: This passphrase does not open this device. Nothing was changed; try again.',
  ]);
});

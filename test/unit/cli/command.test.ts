/** The command line as a script meets it: exit codes by whose fault, sentences that say what to do, nothing half made. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tell } from '../../../src/cli/exit.ts';
import { clean, table } from '../../../src/cli/say.ts';
import { appVersion } from '../../../src/responder/version.ts';
import { Broken, CallerFault, PeerFault, Refused } from '../../../src/wire/fault.ts';
import { makeTerminal, type Terminal } from '../../kit/terminal.ts';

const passphrase = 'four blue horses sleep';
let dir: string;
let muster: Terminal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-cli-'));
  writeFileSync(join(dir, 'pw'), `${passphrase}\n`);
  muster = makeTerminal(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const nouns = ['org', 'device', 'list', 'relay', 'room', 'file', 'member', 'drill', 'courier', 'report'];
const commands = [
  ...[
    'org key',
    'org found',
    'org show',
    'device init',
    'device show',
    'device reading',
    'list draft',
    'list sign',
    'list issue',
  ],
  ...['relay status', 'relay backup', 'relay restore', 'relay rotate-cert', 'relay admit'],
  ...['list show', 'list install', 'relay init', 'relay start', 'room list', 'room read', 'room send', 'room create'],
  ...['room add', 'room remove', 'room role', 'room policy', 'room heal', 'room members', 'member compare'],
  ...['file send', 'file list', 'file save', 'file offer', 'file drop'],
  ...['courier out', 'courier in', 'courier have'],
  ...['search', 'drill show', 'drill answer', 'report list', 'report show', 'report export', 'verify', 'open'],
];

describe('help', () => {
  test('of the program names every noun and every exit code', async () => {
    const { code, out } = await muster.run('--help');
    expect(code).toBe(0);
    for (const noun of [...nouns, 'verify', 'open']) expect(out).toMatch(new RegExp(`^  ${noun} `, 'm'));
    expect(out.match(/^ {2}[0-4] {2}\S/gm)).toHaveLength(5);
  });
  test.each(commands)('of %s has an example', async (command) => {
    const { code, out } = await muster.run(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toContain('Example:\n  muster ');
  });
  test.each(nouns)('of %s alone is an answer to wrong usage', async (noun) => {
    const { code, out, err } = await muster.run(noun);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: muster');
  });
  test('--version', async () => {
    expect(await muster.run('--version')).toEqual({ code: 0, out: appVersion, err: '' });
  });
});

describe('exit 2, one sentence, nothing on stdout:', () => {
  const cases: readonly [what: string, args: readonly string[], sentence: RegExp][] = [
    ['an unknown command', ['mustard'], /unknown command 'mustard'/],
    ['a missing option', ['org', 'key', '--name', 'A'], /required option '--out/],
    [
      'a message without quotation marks',
      ['room', 'send', 'Everyone', 'two', 'words'],
      /Expected 2 arguments but got 3\. What has blanks in it goes in quotation marks\./,
    ],
    ['an unknown answer', ['drill', 'answer', 'maybe'], /Allowed choices are there, need-help, not-available/],
    ['nobody to put out', ['room', 'remove', 'Everyone', '--dir', 'd', '--passphrase-file', 'pw'], /Say who: --member/],
    ['nobody to let in', ['room', 'add', 'Everyone', '--dir', 'd', '--passphrase-file', 'pw'], /Say who: --member/],
    ['a policy of nothing', ['room', 'policy', 'Everyone', '--dir', 'd'], /Say what to set: --history/],
    [
      'a role that is none',
      ['room', 'role', 'Everyone', '--member', 'Cleo', '--role', 'boss'],
      /Allowed choices are commander, officer, responder, observer, archivist/,
    ],
    [
      'two outcomes of one comparison',
      ['member', 'compare', 'Cleo', '--confirm', 'words', '--withdraw'],
      /One at a time: --confirm, --code or --withdraw/,
    ],
    ['a file that is not there', ['org', 'show', 'nothing'], /There is no file nothing/],
    [
      'a threshold that is no number',
      ['org', 'found', '--name', 'O', '--custodian', 'a.pub', '--threshold', 'two', '--out', 'o'],
      /--threshold is a whole number from 1 to 15, not "two"/,
    ],
    [
      'no terminal for the passphrase',
      ['org', 'key', '--name', 'A', '--out', 'a.key'],
      /no terminal.*--passphrase-file/,
    ],
    [
      'a handle that is none',
      ['device', 'init', '--dir', 'd', '--handle', 'A B', '--name', 'n', '--out', 'o'],
      /"A B" is not a handle/,
    ],
    [
      'no device',
      ['room', 'list', '--dir', 'd', '--passphrase-file', 'pw'],
      /There is no device in .*muster device init/,
    ],
    [
      'a wait that is no number',
      ['room', 'list', '--dir', 'd', '--wait', 'long', '--passphrase-file', 'pw'],
      /--wait is a whole number/,
    ],
    ['a pack that is not there', ['verify', 'nothing'], /nothing cannot be checked: there is no such folder/],
    ['a fingerprint that is none', ['verify', 'nothing', '--org', 'abandon abandon'], /--org takes a fingerprint/],
    [
      'a relay for nobody in particular',
      ['relay', 'start', '--data', 'r', '--org', 'xyz'],
      /"org" \(flag --org\) is the whole fingerprint/,
    ],
    [
      'a relay nobody can reach',
      ['relay', 'init', '--data', 'r', '--name', 'R', '--host', '0.0.0.0'],
      /--address HOST:PORT/,
    ],
    [
      'an address that is none',
      ['relay', 'init', '--data', 'r', '--name', 'R', '--address', 'here'],
      /"here" is not an address/,
    ],
    [
      'a relay that was never made, so that a mistyped folder does not become one with another key',
      ['relay', 'start', '--data', 'rely', '--org', '0'.repeat(64)],
      /There is no relay in .*rely: check the name/,
    ],
    [
      'a folder that is not there, before anything is made',
      [
        'device',
        'init',
        '--dir',
        'd',
        '--handle',
        'ada',
        '--name',
        'n',
        '--out',
        'no/a.join',
        '--passphrase-file',
        'pw',
      ],
      /no\/a\.join cannot be written/,
    ],
  ];
  test.each(cases)('%s', async (_, args, sentence) => {
    const { code, out, err } = await muster.run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err.split('\n').filter((line) => line.startsWith('muster: '))).toHaveLength(1);
  });
});

test('exit 1: a file that is not what it is given as', async () => {
  writeFileSync(join(dir, 'org.genesis'), 'not an organisation');
  const { code, err } = await muster.run('org', 'show', 'org.genesis');
  expect([code, err]).toEqual([1, 'muster: org.genesis is not an organisation, a draft or a muster list.']);
});

test('exit 1: a folder that is not a pack, with findings for a script', async () => {
  const { code, out, err } = await muster.run('verify', '.', '--json');
  expect(code).toBe(1);
  expect(err).toMatch(/not what it claims to be: \d+ finding/);
  const said = JSON.parse(out.split('\n').at(-1) ?? '') as { ok: boolean; findings: readonly object[] };
  expect(said.ok).toBe(false);
  expect(said.findings[0]).toMatchObject({
    file: expect.any(String),
    code: expect.any(String),
    text: expect.any(String),
  });
});

test('exit codes follow whose fault it is, and an unknown error quotes nothing', () => {
  const said: string[] = [];
  const io = { err: (text: string) => void said.push(text), isDebug: false };
  const codeOf = (error: unknown) => tell(io as never, error);
  expect(codeOf(new PeerFault('threshold', 'x'))).toBe(1);
  expect(codeOf(new CallerFault('invalid', 'x'))).toBe(2);
  expect(codeOf(new Refused('busy', 'x'))).toBe(3);
  expect(codeOf(new Broken('io', 'x'))).toBe(4);
  expect(codeOf(new TypeError(`quotes ${passphrase}`))).toBe(4);
  expect(said.join('\n')).not.toContain(passphrase);
  expect(said.join('\n')).toContain('report it');
});

describe('what a custodian keeps secret', () => {
  beforeEach(async () => {
    await muster.run('org', 'key', '--name', 'Ada', '--out', 'ada.key', '--passphrase-file', 'pw');
  });
  const found = (...keys: readonly string[]) =>
    muster.run('org', 'found', '--name', 'O', '--custodian', ...keys, '--threshold', '1', '--out', 'o.genesis');
  test('is not taken for founding', async () => {
    const { code, err } = await found('ada.key');
    expect([code, existsSync(join(dir, 'o.genesis'))]).toEqual([2, false]);
    expect(err).toContain('ada.key is the secret half');
    expect((await found('ada.pub')).code).toBe(0);
  });
});

describe('relay init', () => {
  test('says how to be reached from outside, and a second time that the key stays', async () => {
    const init = () => muster.run('relay', 'init', '--data', 'r', '--name', 'R', '--address', '203.0.113.7:8443');
    const made = await init();
    expect(made.out).toMatch(/^Made relay R in r\.$/m);
    expect(made.out).toContain('Then: muster relay start --data r --org FINGERPRINT');
    expect(readFileSync(join(dir, 'r/relay.toml'), 'utf8')).toContain('listen = "0.0.0.0:8443"');
    const again = await init();
    expect(again.out).toContain('keeps its key');
    const pin = /pin in digits.*$/m;
    expect(pin.exec(again.out)?.[0]).toBe(pin.exec(made.out)?.[0]);
  });
  test('an admission list that is none is blamed by its name', async () => {
    await muster.run('relay', 'init', '--data', 'r', '--name', 'R');
    const { code, err } = await muster.run(
      ...['relay', 'start', '--data', 'r', '--org', '0'.repeat(64), '--admission', 'pw'],
    );
    expect([code, err]).toEqual([1, expect.stringMatching(/pw is not an admission list\.$/)]);
  });
});

describe('org key', () => {
  test('asks twice, and makes nothing when the two differ', async () => {
    const terminal = makeTerminal(dir, { secrets: [passphrase, `${passphrase}!`] });
    const { code, err } = await terminal.run('org', 'key', '--name', 'Ada', '--out', 'ada.key');
    expect([code, existsSync(join(dir, 'ada.key')), existsSync(join(dir, 'ada.pub'))]).toEqual([2, false, false]);
    expect(err).toContain('differ');
  });
  test('refuses a short passphrase', async () => {
    const terminal = makeTerminal(dir, { secrets: ['short', 'short'] });
    expect((await terminal.run('org', 'key', '--name', 'Ada', '--out', 'ada.key')).code).toBe(2);
  });
  test('writes the secret for its owner only, sealed, and never over another', async () => {
    const made = await muster.run('org', 'key', '--name', 'Ada', '--out', 'ada.key', '--passphrase-file', 'pw');
    expect(made.code).toBe(0);
    expect(statSync(join(dir, 'ada.key')).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(join(dir, 'ada.pub'), 'utf8')) as object)).toEqual([
      'kind',
      'version',
      'name',
      'key',
    ]);
    const before = readFileSync(join(dir, 'ada.key'), 'utf8');
    const again = await muster.run('org', 'key', '--name', 'Bob', '--out', 'ada.key', '--passphrase-file', 'pw');
    expect(again.code).toBe(2);
    expect(readFileSync(join(dir, 'ada.key'), 'utf8')).toBe(before);
  });
});

test('what came from outside cannot steer the terminal', () => {
  expect(clean('a\u001b[2Jb\u202ec\nd')).toBe('a\ufffd[2Jb\ufffdc d');
  expect(table(['a', 'b'], [['x\u001b[1m', 'y']])).not.toContain('\u001b');
});

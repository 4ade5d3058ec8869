/** The settings of a relay: who wins, and that nothing wrong passes unnoticed, wherever it stands. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, type Sources, writeConfig } from '../../server/config.ts';
import { keys, options, variableOf } from '../../server/option.ts';
import { makeTerminal } from '../kit/terminal.ts';

const org = 'ab'.repeat(32);
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-config-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const read = (sources: Partial<Sources>) =>
  readConfig({ cwd: dir, env: {}, ...sources, flags: { data: 'data', ...sources.flags } });
const inFile = (text: string) => {
  writeFileSync(join(dir, 'x.toml'), text);
  return { flags: { config: 'x.toml' } };
};

describe('what is wrong is named, with where it stands', () => {
  const cases: readonly [what: string, sources: () => Partial<Sources>, text: RegExp][] = [
    ['a name that is none, in the file', () => inFile('lisen = "127.0.0.1:1"'), /"lisen" in x\.toml is no setting/],
    ['a variable that is none', () => ({ env: { MUSTER_RELAY_LISEN: 'x' } }), /MUSTER_RELAY_LISEN in the environment/],
    ['a name of every object', () => inFile('toString = 1'), /"toString" in x\.toml is no setting/],
    ['a file that is no TOML', () => inFile('org = [\n'), /x\.toml is not TOML at line \d/],
    ['a file that is not there', () => ({ flags: { config: 'gone.toml' } }), /gone\.toml cannot be read/],
    ['no place', () => ({ flags: { listen: 'nowhere' } }), /"listen" \(flag --listen\) is HOST:PORT/],
    ['a port that is none', () => ({ env: { MUSTER_RELAY_LISTEN: 'a:70000' } }), /"listen" \(environment .*HOST:PORT/],
    ['a number for a text', () => inFile('listen = 7443'), /"listen" \(file x\.toml\) is HOST:PORT/],
    ['a text for a switch', () => inFile('log-topics = "yes"'), /"log-topics" \(file x\.toml\) is true or false/],
    ['half a fingerprint', () => ({ flags: { org: ['abcd'] } }), /"org" \(flag --org\) is the whole fingerprint/],
    ['twelve words', () => ({ env: { MUSTER_RELAY_ORG: 'share rotate' } }), /"org" \(env.*only half of it/],
    [
      'a limit that is none',
      () => ({ flags: { limit: ['conections=3'] } }),
      /"limit\.conections" \(flag.*no such limit/,
    ],
    ['a limit nobody may set', () => inFile('[limit]\nhandshakeMs = 1'), /"limit\.handshakeMs" .*no such limit/],
    ['a limit without a number', () => ({ flags: { limit: ['connections'] } }), /"limit.*" \(flag --limit\)/],
    ['a limit of nothing', () => inFile('[limit]\nconnections = 0'), /"limit\.connections" \(file.*above 0/],
    ['a limit in parts', () => inFile('[limit]\nconnections = 1.5'), /"limit\.connections" \(file.*whole number/],
    ['a level that is none', () => ({ flags: { 'log-level': 'loud' } }), /"log-level" \(flag.*debug, info/],
    ['an empty path', () => ({ flags: { admission: '' } }), /"admission" \(flag --admission\) is a path/],
    ['what another wins over', () => ({ ...inFile(''), env: { MUSTER_RELAY_TLS: 'maybe' } }), /"tls" \(environment/],
    ['a key too few', () => ({ flags: { tls: 'given', certificate: 'c' } }), /certificate and key are both needed/],
    ['a certificate that would not be used', () => ({ flags: { certificate: 'c' } }), /say tls "given"/],
    [
      'plain where others listen',
      () => ({ flags: { tls: 'off', listen: '0.0.0.0:7' } }),
      /loopback only.*plain-anywhere/,
    ],
    [
      'plain at a name that only begins like it',
      () => ({ flags: { tls: 'off', listen: '127.0.0.1.example:7' } }),
      /loopback only/,
    ],
  ];
  it.each(cases)('%s', async (_, sources, text) => {
    await expect(read(sources())).rejects.toMatchObject({ message: expect.stringMatching(text), side: 'caller' });
  });

  it('a wrong value in the file, also when a flag wins over it', async () => {
    await expect(read({ flags: { ...inFile('listen = "x"').flags, listen: '[::1]:7' } })).rejects.toThrow(
      /file x\.toml/,
    );
  });

  it('no folder at all', async () => {
    await expect(readConfig({ flags: {}, env: {}, cwd: dir })).rejects.toThrow(/--data FOLDER or MUSTER_RELAY_DATA/);
  });
});

describe('who wins', () => {
  const file = `name = "file"\nlog-level = "error"\ntls = "off"\norg = ["${org}"]\n[limit]\nconnections = 7\n`;

  it('flag over environment over file over default, setting by setting', async () => {
    const env = { MUSTER_RELAY_NAME: 'env', MUSTER_RELAY_LOG_LEVEL: 'warn', MUSTER_RELAY_LOG_TOPICS: 'true' };
    const { settings, origins } = await read({ env, flags: { ...inFile(file).flags, name: 'flag' } });
    expect(settings).toMatchObject({ name: 'flag', 'log-level': 'warn', tls: 'off', 'log-topics': true });
    expect(settings).toMatchObject({ org: [org], limit: { connections: 7 }, listen: { host: '127.0.0.1', port: 0 } });
    expect(['name', 'log-level', 'tls', 'listen', 'metrics'].map((key) => origins.get(key as 'name'))).toEqual([
      ...['flag --name', 'environment MUSTER_RELAY_LOG_LEVEL', 'file x.toml', 'default', 'not set'],
    ]);
  });

  it('lists and limits are text in the environment; an empty variable says nothing', async () => {
    const env = { MUSTER_RELAY_ORG: `${org},${org.replace('ab', 'AB ')}`, MUSTER_RELAY_LIMIT: 'strangers=3, ageMs=9' };
    const { settings } = await read({ env: { ...env, MUSTER_RELAY_NAME: '' } });
    expect(settings).toMatchObject({ org: [org, org], limit: { strangers: 3, ageMs: 9 } });
    expect(settings.name).toBeUndefined();
  });

  it('relay.toml of the data folder is found by itself, and its paths begin there', async () => {
    mkdirSync(join(dir, 'data'), { recursive: true });
    writeFileSync(join(dir, 'data/relay.toml'), 'admission = "list.admission"');
    expect((await read({})).settings.admission).toBe(join(dir, 'data/list.admission'));
    expect((await read({ flags: { admission: 'list.admission' } })).settings.admission).toBe(
      join(dir, 'list.admission'),
    );
    rmSync(join(dir, 'data/relay.toml'));
  });

  it('the file that init writes names every setting, says what is given and is read back', async () => {
    const text = writeConfig({ listen: '[::]:7443', name: 'a "b"', org: [org] });
    for (const key of keys) if (key !== 'data') expect(text).toMatch(new RegExp(`^#?${key} = `, 'm'));
    const { settings } = await read(inFile(text));
    expect(settings).toMatchObject({ listen: { host: '::', port: 7443 }, name: 'a "b"', org: [org] });
    // Each example holds as it stands, but for the two that need a real name.
    const all = text.replace(/^#([a-z-]+ = )/gm, '$1').replace(/^(tls|certificate|key) = .*$/gm, '');
    expect((await read(inFile(all))).settings).toMatchObject({ 'log-level': 'warn', limit: { connections: 4096 } });
  });
});

describe('--print-config', () => {
  it('shows each setting and where it came from, and starts nothing', async () => {
    const muster = makeTerminal(dir, { env: { MUSTER_RELAY_METRICS: '[::1]:9464' } });
    const args = ['relay', 'start', '--data', 'not-made', '--print-config', '--limit', 'connections=5'];
    const { code, out } = await muster.run(...args);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}metrics +\[::1\]:9464 +environment MUSTER_RELAY_METRICS$/m);
    expect(out).toMatch(/^ {2}limit +connections=5 +flag --limit$/m);
    expect(out).toMatch(/^ {2}listen +127\.0\.0\.1:0 +default$/m);
    const json: unknown = JSON.parse((await muster.run(...args, '--json')).out);
    expect(json).toMatchObject({
      limit: { value: { connections: 5 }, from: 'flag --limit' },
      key: { from: 'not set' },
    });
    expect(Object.keys(json ?? {})).toEqual(Object.keys(options));
  });

  it('help has every setting', async () => {
    const { out } = await makeTerminal(dir).run('relay', 'start', '--help');
    for (const key of keys) expect(out).toContain(`--${key}`);
    expect(out).toContain(variableOf('listen'));
  });
});

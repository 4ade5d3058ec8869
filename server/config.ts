/**
 * What a relay runs with, out of flags, environment, file and defaults, in this order: the first that says something
 * wins, setting by setting. Each setting remembers where it came from, for `--print-config` and for whoever has to
 * find the wrong one.
 *
 * An unknown name or a wrong value is an error wherever it stands, also where something else wins over it: a relay
 * that starts in spite of a misspelt limit runs without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CallerFault } from '../src/wire/fault.ts';
import { isKey, type Key, keys, options, type Settings, settableLimits, settings, variableOf } from './option.ts';

export interface Sources {
  /** As the command line gave them, by name; a switch is a boolean. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of flags and environment begin. Those in a file begin at the file. */
  readonly cwd: string;
}
export interface Config {
  readonly settings: Settings;
  /** `flag --listen`, `environment MUSTER_RELAY_LISTEN`, `file relay.toml`, `default` or `not set`. */
  readonly origins: ReadonlyMap<Key, string>;
}

interface Said {
  readonly value: unknown;
  readonly origin: string;
  readonly folder: string;
}

/** In the data folder, when no other file is named. */
export const configFile = 'relay.toml';

/** Throws `CallerFault('invalid' | 'not-found')` naming the setting and where it stands. */
export async function readConfig(sources: Sources): Promise<Config> {
  const { env, cwd } = sources;
  for (const name of Object.keys(env)) checkVariable(name);
  const flags = collect(
    (key) => sources.flags[key],
    (key) => `flag --${key}`,
    cwd,
  );
  const variables = collect(
    (key) => env[variableOf(key)] || undefined,
    (key) => `environment ${variableOf(key)}`,
    cwd,
  );
  const file = await readFile(sources, flags.get('data') ?? variables.get('data'));
  const values = new Map<Key, unknown>();
  const origins = new Map<Key, string>();
  for (const key of keys) {
    // From the weakest: each is checked, the last one stays.
    for (const said of [file.get(key), variables.get(key), flags.get(key)]) {
      if (said === undefined) continue;
      const value = plain(key, said);
      check(key, value, said.origin);
      values.set(key, value);
      origins.set(key, said.origin);
    }
  }
  if (!values.has('data')) {
    throw new CallerFault(
      'invalid',
      `Say where the relay keeps its key and its store: --data FOLDER or ${variableOf('data')}.`,
    );
  }
  const found = settings.parse(Object.fromEntries(values));
  for (const key of keys) if (!origins.has(key)) origins.set(key, found[key] === undefined ? 'not set' : 'default');
  checkTogether(found);
  return { settings: found, origins };
}

function collect(value: (key: Key) => unknown, origin: (key: Key) => string, folder: string): ReadonlyMap<Key, Said> {
  return new Map(
    keys.flatMap((key) => {
      const found = value(key);
      return found === undefined ? [] : [[key, { value: found, origin: origin(key), folder }] as const];
    }),
  );
}

function checkVariable(name: string): void {
  if (!name.startsWith('MUSTER_RELAY_')) return;
  const known = ['config' as const, ...keys].map(variableOf);
  if (!known.includes(name))
    throw new CallerFault(
      'invalid',
      `${name} in the environment is no setting of a relay. There are ${known.join(', ')}.`,
    );
}

/** What the configuration file says; nothing without one. */
async function readFile({ flags, env, cwd }: Sources, data: Said | undefined): Promise<ReadonlyMap<Key, Said>> {
  const named = flags['config'] ?? (env[variableOf('config')] || undefined);
  const usual = typeof data?.value === 'string' ? resolve(data.folder, data.value, configFile) : undefined;
  if (named === undefined && (usual === undefined || !existsSync(usual))) return new Map();
  const path = typeof named === 'string' ? resolve(cwd, named) : (usual ?? '');
  const shown = typeof named === 'string' ? named : configFile;
  const table = await parse(path, shown);
  for (const name of Object.keys(table)) {
    if (!isKey(name))
      throw new CallerFault('invalid', `"${name}" in ${shown} is no setting of a relay. There are ${keys.join(', ')}.`);
  }
  return collect(
    (key) => table[key],
    () => `file ${shown}`,
    dirname(path),
  );
}

async function parse(path: string, shown: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CallerFault('not-found', `The configuration file ${shown} cannot be read. Check its name and mode.`, {
      cause,
    });
  }
  // Loaded only here: most relays start without a file.
  const { parse: parseToml, TomlError } = await import('smol-toml');
  try {
    return parseToml(text);
  } catch (cause) {
    const where = cause instanceof TomlError ? ` at line ${cause.line}` : '';
    throw new CallerFault('invalid', `The configuration file ${shown} is not TOML${where}.`, { cause });
  }
}

function check(key: Key, value: unknown, origin: string): void {
  const read = settings.shape[key].safeParse(value);
  if (read.success) return;
  const [issue] = read.error.issues;
  const isUnknown = issue?.code === 'unrecognized_keys';
  const inside = isUnknown ? issue.keys.slice(0, 1) : (issue?.path ?? []);
  const name = [key, ...inside.filter((each) => typeof each === 'string')].join('.');
  const text = isUnknown ? `is no such limit; there are ${settableLimits.join(', ')}` : issue?.message;
  throw new CallerFault('invalid', `"${name}" (${origin}) ${text ?? 'is something else'}.`);
}

/** As a file would hold it, whatever it came from. What is not understood stays, for the check to name. */
function plain(key: Key, { value, folder }: Said): unknown {
  const { kind } = options[key];
  if (kind === 'path') return typeof value === 'string' && value !== '' ? resolve(folder, value) : value;
  if (kind === 'switch') return value === 'true' ? true : value === 'false' ? false : value;
  if (kind === 'list') return typeof value === 'string' ? value.split(',') : value;
  if (kind !== 'numbers') return value;
  const pairs = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(pairs)) return value;
  const found = pairs.map((pair) => /^\s*(\w+)=(\d{1,15})\s*$/.exec(String(pair)));
  return found.includes(null) ? pairs : Object.fromEntries(found.map((each) => [each?.[1], Number(each?.[2])]));
}

const isLoopback = (host: string): boolean =>
  host === '::1' || host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host);

function checkTogether({ tls, certificate, key, listen, 'plain-anywhere': isAnywhere }: Settings): void {
  if (tls === 'given' && (certificate === undefined || key === undefined))
    throw new CallerFault('invalid', 'With tls "given" say which: certificate and key are both needed.');
  if (tls === 'own' && (certificate !== undefined || key !== undefined))
    throw new CallerFault('invalid', 'A certificate or key is named, and tls is "own": say tls "given" to use it.');
  if (tls === 'off' && key !== undefined)
    throw new CallerFault(
      'invalid',
      'With tls "off" this relay uses no key: it belongs to the proxy. Name the certificate alone.',
    );
  if (tls === 'off' && !isLoopback(listen.host) && !isAnywhere)
    throw new CallerFault(
      'invalid',
      `Without TLS this relay listens on loopback only, and ${listen.host} is not. Put the proxy on this machine, or say plain-anywhere if nobody else reaches that address.`,
    );
}

const quoted = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(quoted).join(', ')}]`
      : String(value);

/** A configuration file: what is given set, the rest commented out with its meaning. `data` is where it lies. */
export function writeConfig(given: Partial<Record<Key, string | readonly string[]>>): string {
  const rows = keys
    .filter((key) => key !== 'data')
    .map((key) => {
      const { help, example } = options[key];
      const value = given[key];
      return `# ${help}\n${value === undefined ? `#${key} = ${example}` : `${key} = ${quoted(value)}`}\n`;
    });
  return `# A relay of Muster. Flags and MUSTER_RELAY_… in the environment win over this file.\n\n${rows.join('\n')}`;
}

/**
 * The rules of the house as data, and the functions that hold a set of sources against them. docs/README.md tells the
 * same in words. To add a folder under src, give it a row in `layers`; a folder without one is a finding.
 */
import { builtinModules } from 'node:module';
import { type Finding, findGlobals, type Import, readImports, readsEnvironment, type Sources } from './kit.ts';

interface Layer {
  /** Folders or files whose values it may import. Its own folder is always allowed. */
  readonly values: readonly string[];
  /** Further folders or files of which it may import types only. */
  readonly types?: readonly string[];
  /** Builtins it may import: every one if left out. */
  readonly builtins?: readonly string[];
}

/**
 * The half of the core for relays and the links to them: what is signed, and by whom. Nothing in it opens a ciphertext or
 * needs libsodium.
 */
export const relayCore: readonly string[] = ['check', 'root', 'admission', 'label'].map(
  (name) => `src/core/${name}.ts`,
);

/** How every program of ours speaks, and the words for a pin: texts in, texts out. A relay's own program has them too. */
export const relaySpeech: readonly string[] = ['src/cli/say.ts', 'src/cli/exit.ts', 'src/core/words.ts'];

const below = [
  ...['src/wire', 'src/core', 'src/engine', 'src/vault', 'src/link', 'src/ipc', 'src/evidence'],
  'src/directory',
];

export const layers: Readonly<Record<string, Layer>> = {
  'src/wire': { values: [], builtins: [] },
  'src/core': { values: ['src/wire'], builtins: [] },
  'src/engine': { values: ['src/wire', 'src/core'], builtins: [] },
  'src/ipc': { values: ['src/wire'], types: ['src/core'] },
  'src/vault': { values: ['src/wire', 'src/core'], types: ['src/engine'] },
  // A proxy's password is a secret like any other.
  'src/link': { values: ['src/wire', ...relayCore, 'src/core/secret.ts'], types: ['src/core'] },
  'src/evidence': { values: ['src/wire', 'src/core'] },
  // What people write, as text: who reads the files is somebody else.
  'src/directory': { values: ['src/wire', 'src/core'], builtins: [] },
  // The relay that a person starts on their own machine is the relay, loaded when it is started, and no second one.
  'src/responder': { values: [...below, 'server/relay.ts'] },
  'src/console': { values: [...below, 'src/responder'] },
  'src/desktop': { values: [...below, 'src/responder', 'src/console'] },
  'src/cli': { values: [...below, 'src/responder', 'src/console', 'src/desktop', 'server'] },
  server: { values: ['src/wire', ...relayCore, ...relaySpeech] },
  renderer: { values: ['src/ipc'], types: ['src/wire', 'src/core'], builtins: [] },
};

/** Where a package may be named; every other place outside test/ is a finding. */
export const homes: Readonly<Record<string, readonly string[]>> = {
  electron: ['src/desktop'],
  ws: ['src/link', 'server'],
  socks: ['src/link/tunnel.ts'],
  'libsodium-wrappers': ['src/core/sodium.ts'],
  'libsodium-wrappers-sumo': ['src/vault'],
  '@signalapp/sqlcipher': ['src/vault', 'server/driver.ts'],
  react: ['renderer'],
  'react-dom': ['renderer'],
  zustand: ['renderer'],
  uqr: ['renderer/view/part/Qr.tsx', 'server/command/init.ts'],
  'smol-toml': ['server/config.ts'],
  'prom-client': ['server/metric.ts'],
  '@noble/hashes': ['server/check.ts'],
  commander: ['src/cli', 'server/main.ts', 'server/command'],
};

/** Places that a home above does not cover, with the reason in the text. */
const strangers: readonly { readonly place: string; readonly packages: readonly string[]; readonly why: string }[] = [
  { place: 'renderer/state', packages: ['react', 'react-dom'], why: 'state is tested without a screen' },
];

/** The files that may read the environment. Everything else takes what it needs as an argument. */
export const mains: readonly string[] = [
  'src/cli/main.ts',
  'src/console/main.ts',
  'src/desktop/main.ts',
  'src/responder/main.ts',
  'server/main.ts',
];

/** The pure part: same input, same output. Clock, chance, disk and network come in as arguments. */
const pure = ['src/wire', 'src/core', 'src/engine'];
/** `Date.UTC` and `new Date(ms)` are arithmetic; these read the clock. */
const impure = [
  ...['new Date()', 'Date.now', 'Date()', 'performance', 'Math.random', 'setTimeout', 'setInterval', 'setImmediate'],
  ...['queueMicrotask', 'fetch', 'console', 'process'],
];

const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
const isInAny = (path: string, places: readonly string[]): boolean => places.some((place) => isIn(path, place));

const layerOf = (path: string): string =>
  path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : (path.split('/')[0] ?? '');

const builtin = new Set(builtinModules);
const isBuiltin = (target: string): boolean => target.startsWith('node:') || builtin.has(target);

function checkLocal(path: string, name: string, layer: Layer, each: Import): Finding | undefined {
  if (isIn(each.target, name) || isInAny(each.target, layer.values)) return undefined;
  if (each.isType && isInAny(each.target, layer.types ?? [])) return undefined;
  return `${path} imports ${each.isType ? 'a type of ' : ''}${each.target}, which ${name} may not`;
}

function checkPackage(path: string, layer: Layer, each: Import): Finding | undefined {
  if (each.target === '?') return `${path} imports a name made at run time, which no rule can follow`;
  if (isBuiltin(each.target)) {
    if (!each.target.startsWith('node:')) return `${path} imports ${each.target} without its node:`;
    return layer.builtins === undefined || layer.builtins.includes(each.target)
      ? undefined
      : `${path} imports ${each.target}`;
  }
  const stranger = strangers.find((one) => isIn(path, one.place) && one.packages.includes(each.target));
  if (stranger !== undefined) return `${path} imports ${each.target}: ${stranger.why}`;
  const home = homes[each.target];
  return home === undefined || isInAny(path, home)
    ? undefined
    : `${path} imports ${each.target}, which is for ${home.join(', ')}`;
}

/** Which way imports may run, and where a package may be named. */
export function checkImports(sources: Sources): readonly Finding[] {
  return [...sources].flatMap(([path, text]) => {
    const name = layerOf(path);
    const layer = layers[name];
    if (layer === undefined) return [`${path} is in no layer: give ${name} a row in test/shape/rule.ts`];
    return readImports(path, text).flatMap((each) => {
      const finding = each.isLocal ? checkLocal(path, name, layer, each) : checkPackage(path, layer, each);
      return finding === undefined ? [] : [finding];
    });
  });
}

/** Local imports that lead nowhere: a misspelt path would escape every other rule. */
export function checkTargets(sources: Sources, exists: (path: string) => boolean): readonly Finding[] {
  return [...sources].flatMap(([path, text]) =>
    readImports(path, text)
      .filter((each) => each.isLocal && !exists(each.target))
      .map((each) => `${path} imports ${each.target}, which is not there`),
  );
}

export function checkEnvironment(sources: Sources): readonly Finding[] {
  return [...sources]
    .filter(([path, text]) => !mains.includes(path) && readsEnvironment(path, text))
    .map(([path]) => `${path} reads the environment, which is for ${mains.join(', ')}`);
}

export function checkPurity(sources: Sources): readonly Finding[] {
  return [...sources]
    .filter(([path]) => isInAny(path, pure))
    .flatMap(([path, text]) => findGlobals(path, text, impure));
}

/** Of the files a window loads: those that are not for it, and those that need Node. A window has neither disk nor process. */
export function checkWindow(files: readonly string[], sources: Sources): readonly Finding[] {
  return files.flatMap((path) => {
    const foreign = isInAny(path, ['renderer', 'src/ipc', 'src/wire', 'src/core'])
      ? []
      : [`${path} is loaded by the window`];
    const builtins = readImports(path, sources.get(path) ?? '').filter((each) => isBuiltin(each.target));
    return [...foreign, ...builtins.map((each) => `${path} is loaded by the window and imports ${each.target}`)];
  });
}

/** Names of what opens a ciphertext, in libsodium and in Node. Looked for in the whole text: not even a comment. */
const opening =
  /_decrypt|_open\b|\bkem_|_kem_|secretbox|_pull\b|createDecipher|privateDecrypt|decapsulate|diffieHellman|\bdecrypt\(/;

/** Of the files a relay loads: those that are not its own, not wire and not the public half of the core, or that can open. */
export function checkRelay(files: readonly string[], sources: Sources): readonly Finding[] {
  return files.flatMap((path) => {
    const foreign = isInAny(path, ['server', 'src/wire', ...relayCore, ...relaySpeech])
      ? []
      : [`${path} is loaded by a relay`];
    const named = opening.exec(sources.get(path) ?? '')?.[0];
    return named === undefined ? foreign : [...foreign, `${path} is loaded by a relay and names ${named}`];
  });
}

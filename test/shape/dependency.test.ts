/** Every dependency has its line of why, and none that ships runs a script of its own at installation, save one. */
import { describe, expect, test } from 'vitest';
import { readText } from './kit.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: boolean; readonly resolved?: string; readonly dev?: boolean }>
  >;
}

/** Its script runs node-gyp-build, which finds the prebuilt driver that came in the package and does nothing more. */
const mayInstall = ['@signalapp/sqlcipher'];

const manifest = JSON.parse(readText('package.json')) as Manifest;
const lockfile = JSON.parse(readText('package-lock.json')) as Lockfile;
const explained = readText('docs/dependencies.md');

/** The first cell of each table row, without its backticks, where a reason follows. */
const rowNames = (table: string): readonly string[] =>
  [...table.matchAll(/^\|\s*`([^`]+)`\s*\|([^|]+)\|/gm)]
    .filter((row) => (row[2] ?? '').trim().length > 10)
    .map((row) => row[1] ?? '');

const findUnexplained = (names: readonly string[], table: string): readonly string[] =>
  names.filter((name) => !rowNames(table).includes(name));

const findInstallers = (lock: Lockfile): readonly string[] =>
  Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true && entry.dev !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));

const findAddresses = (lock: Lockfile): readonly string[] =>
  Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved?.startsWith('http') === true)
    .map(([path]) => path);

describe('this project', () => {
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  test('explains each dependency', () => expect(findUnexplained(names, explained)).toEqual([]));
  test('explains nothing that is gone', () =>
    expect(rowNames(explained).filter((name) => !names.includes(name))).toEqual([]));
  test('installs no script of a shipped package but the known one', () =>
    expect(findInstallers(lockfile)).toEqual(mayInstall));
  test('names no registry in its lockfile', () => expect(findAddresses(lockfile)).toEqual([]));
});

describe('a planted fault is found:', () => {
  test('a dependency without a reason', () => {
    const table = '| `ws` | the websocket of relays | MIT |\n| `left` | | MIT |\nright is fine';
    expect(findUnexplained(['ws', 'left', 'right'], table)).toEqual(['left', 'right']);
  });
  test('an install script, also of a package further down', () => {
    const packages = {
      'node_modules/a/node_modules/b': { hasInstallScript: true },
      'node_modules/c': { hasInstallScript: true, dev: true },
    };
    expect(findInstallers({ packages })).toEqual(['b']);
  });
  test('an address in the lockfile', () => {
    expect(
      findAddresses({ packages: { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } } }),
    ).toHaveLength(1);
  });
});

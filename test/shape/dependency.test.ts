/** Every dependency has its line of why, none that ships runs a script at installation, and the lockfile is whole. */
import { describe, expect, test } from 'vitest';
import { readText } from './kit.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}
interface Locked {
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>;
}

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

/**
 * Optional packages that are named and not locked. A registry that lacked one when the lockfile was made leaves such a
 * hole, `npm install` passes over it, and `npm ci` refuses the whole project.
 */
const findHoles = (lock: Lockfile): readonly string[] =>
  Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => lock.packages[`node_modules/${name}`] === undefined)
      .filter((name) => lock.packages[`${path}/node_modules/${name}`] === undefined)
      .map((name) => `${path.replace('node_modules/', '')} needs ${name}`),
  );

const findAddresses = (lock: Lockfile): readonly string[] =>
  Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved?.startsWith('http') === true)
    .map(([path]) => path);

describe('this project', () => {
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  test('explains each dependency', () => expect(findUnexplained(names, explained)).toEqual([]));
  test('explains nothing that is gone', () =>
    expect(rowNames(explained).filter((name) => !names.includes(name))).toEqual([]));
  // npm 11 and later obey the denial; earlier ones run node-gyp-build, which finds the driver that came prebuilt.
  test('denies the installation script of every shipped package that has one', () => {
    const denied = Object.entries(manifest.allowScripts).filter(([, allowed]) => !allowed);
    expect(findInstallers(lockfile)).toEqual(denied.map(([name]) => name));
  });
  test('has a lockfile that npm ci accepts on every platform', () => expect(findHoles(lockfile)).toEqual([]));
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
  test('a platform that the lockfile leaves out', () => {
    const packages = {
      'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-darwin': '1' } },
      'node_modules/a-linux': {},
    };
    expect(findHoles({ packages })).toEqual(['a needs a-darwin']);
  });
  test('an address in the lockfile', () => {
    expect(
      findAddresses({ packages: { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } } }),
    ).toHaveLength(1);
  });
});

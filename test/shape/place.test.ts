/** The project names no machine it was written on: no home folder, no checkout, no registry, no private address. */
import { expect, test } from 'vitest';
import { type Finding, listFiles, readText } from './kit.ts';

const places: readonly RegExp[] = [
  /(?<![\w./-])\/(?:work|root|home\/\w+|Users\/\w+)\/[\w.-]/,
  /\b(?:registry\.npmjs|registry\.yarnpkg|npm\.pkg)\./,
  /\b(?:artifactory|verdaccio)\b/i,
];

const findPlaces = (path: string, text: string): readonly Finding[] =>
  places.flatMap((place) => {
    const found = place.exec(text)?.[0];
    return found === undefined ? [] : [`${path} names ${found}`];
  });

const isText = (path: string): boolean =>
  /\.(ts|tsx|mjs|js|json|md|ya?ml|html|css|csv|sql|sh)$|(^|\/)\.?[\w-]+$/.test(path);

test('no file names a place of the machine it was made on', () => {
  const files = listFiles().filter((path) => isText(path) && path !== 'test/shape/place.test.ts');
  expect(files).toContain('package.json');
  expect(files.flatMap((path) => findPlaces(path, readText(path)))).toEqual([]);
});

test('a planted place is found', () => {
  expect(findPlaces('a.ts', `const a = '/work/main/x';`)).toHaveLength(1);
  expect(findPlaces('a.ts', 'see /home/someone/notes')).toHaveLength(1);
  expect(findPlaces('.npmrc', 'registry=https://registry.npmjs.org/')).toHaveLength(1);
  expect(findPlaces('a.ts', `import x from './work/thing.ts'; const b = 'src/root/a';`)).toEqual([]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeManifest, isPlainPath, readManifest, sha256 } from '../../../src/evidence/manifest.ts';
import { utf8 } from '../../../src/wire/bytes.ts';

const files = new Map([
  ['b/x.csv', utf8('x')],
  ['a.txt', utf8('a')],
  ['SHA256SUMS', utf8('itself')],
  ['SHA256SUMS.sig', utf8('signature')],
  ['B', utf8('')],
]);
const text = encodeManifest(files);
const line = (path: string): string => `${sha256(utf8('x'))}  ${path}\n`;

describe('SHA256SUMS', () => {
  it('lists every file but itself and its signature, sorted', () => {
    expect([...readManifest(text)]).toEqual([
      ['B', sha256(utf8(''))],
      ['a.txt', sha256(utf8('a'))],
      ['b/x.csv', sha256(utf8('x'))],
    ]);
  });

  it.each([
    ['one space', text.replace('  ', ' ')],
    ['the binary mark', text.replace('  ', ' *')],
    ['upper-case digits', text.toUpperCase()],
    ['an escaped line', `\\${text}`],
    ['no last line feed', text.trimEnd()],
    ['a blank line', `${text}\n`],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['the wrong order', line('b') + line('a')],
    ['a file twice', line('a') + line('a')],
    ['nothing', ''],
    ['itself', line('SHA256SUMS')],
    ['a way out', line('../a')],
    ['a way out inside', line('a/../../b')],
    ['an absolute path', line('/a')],
    ['a dot file', line('.a')],
    ['a backslash', line('a\\b')],
    ['a space', line('a b')],
    ['an empty segment', line('a//b')],
    ['a path too long', line('a'.repeat(201))],
  ])('refuses %s', (_, given) => {
    expect(() => readManifest(given)).toThrow(/one form/);
  });

  it('never throws anything but a fault over noise', () => {
    fc.assert(
      fc.property(fc.string(), (noise) => {
        expect(() => readManifest(noise)).toThrow(/one form/);
      }),
    );
  });
});

it.each(['-rf', 'a/-x', '~', 'a:b', 'é', 'con\u0000', ''])('%j is no plain path', (path) => {
  expect(isPlainPath(path)).toBe(false);
});

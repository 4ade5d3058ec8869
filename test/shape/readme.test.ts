/** Every top folder says what it is, what it must never do, and how to add one more of its things. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readText, root } from './kit.ts';

const houses = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `src/${entry.name}`);
const folders = ['.', ...houses, 'server', 'renderer', 'test', 'docs', 'demo'];

/** A README that is only a heading says nothing. */
const isReadme = (text: string): boolean =>
  /^# \S/.test(text) && text.split('\n').filter((line) => line.trim() !== '').length >= 3;

test.each(folders)('%s has a README', (folder) => {
  expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
  expect(isReadme(readText(join(folder, 'README.md')))).toBe(true);
});

test('an empty README does not count', () => {
  expect(isReadme('')).toBe(false);
  expect(isReadme('# core\n')).toBe(false);
  expect(isReadme('# core\n\nKeys and sealing.\n\nNever a clock.\n')).toBe(true);
});

describe('links in documents', () => {
  const documents = [...folders.map((folder) => join(folder, 'README.md')), 'SECURITY.md', 'CHANGELOG.md'];
  const brokenLinks = (document: string, text: string, exists: (path: string) => boolean): readonly string[] =>
    [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)]
      .map((found) => join(document, '..', found[1] ?? ''))
      .filter((path) => !exists(path))
      .map((path) => `${document} links to ${path}`);

  test.each(documents.filter((document) => existsSync(join(root, document))))(
    '%s links to files that are there',
    (document) => {
      expect(brokenLinks(document, readText(document), (path) => existsSync(join(root, path)))).toEqual([]);
    },
  );
  test('a broken link is found', () => {
    expect(brokenLinks('docs/README.md', '[a](gone.md#x) [b](https://example.org)', () => false)).toEqual([
      'docs/README.md links to docs/gone.md',
    ]);
  });
});

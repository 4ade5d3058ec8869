/** No source file over 400 lines: a god file is a missing noun. */
import { expect, test } from 'vitest';
import { findLongFiles, readSources } from './kit.ts';

const maxLines = 400;

test(`no source file has more than ${maxLines} lines`, () => {
  expect(findLongFiles(readSources('src', 'server', 'renderer'), maxLines)).toEqual([]);
});

test('a file of one line too many is found, one of exactly enough is not', () => {
  const lines = (count: number) => 'x\n'.repeat(count);
  expect(findLongFiles(new Map([['a.ts', lines(maxLines)]]), maxLines)).toEqual([]);
  expect(findLongFiles(new Map([['a.ts', lines(maxLines + 1)]]), maxLines)).toHaveLength(1);
});

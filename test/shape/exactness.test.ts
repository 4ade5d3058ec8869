/** Every test runs, and the last line of a run counts them truly. */
import { describe, expect, test } from 'vitest';
import { summarize } from '../kit/reporter.ts';
import { findIdleTests, listFiles, readSources } from './kit.ts';

const tests = readSources('test');

test('no test is skipped, singled out or left to do', () => {
  expect([...tests.keys()]).toContain('test/shape/exactness.test.ts');
  expect([...tests].flatMap(([path, text]) => findIdleTests(path, text))).toEqual([]);
});

test('every test file lies in a folder that vitest runs', () => {
  // test/electron is run by its own command, where there is a binary: see its README.
  const run = /^test\/(shape|unit|vector|property|fuzz|scenario|simulation|relay|fault|e2e|electron)\//;
  expect(listFiles().filter((file) => /\.(test|spec)\.[cm]?[jt]sx?$/.test(file) && !run.test(file))).toEqual([]);
});

describe('an idle test is found:', () => {
  test.each([
    `test.skip('a', () => {});`,
    `test.only('a', () => {});`,
    `describe.only('a', () => {});`,
    `test.todo('a');`,
    `test['skip']('a', () => {});`,
    `test.skipIf(true)('a', () => {});`,
    `test.runIf(false)('a', () => {});`,
    `test.fails('a', () => {});`,
    'test.concurrent.only(`a`, () => {});',
    `test('a', { skip: true }, () => {});`,
    `test('a', (context) => context.skip());`,
    `xit('a', () => {});`,
  ])('%s', (text) => expect(findIdleTests('test/unit/a.test.ts', text)).toHaveLength(1));

  test('but not the word in a string or of something else', () => {
    expect(findIdleTests('a.ts', `test('skip', () => { reader.skip(4); const only = "test.only("; });`)).toEqual([]);
  });
});

describe('the last line of a run', () => {
  test('counts tests', () => {
    expect(
      summarize(
        [
          { states: ['passed', 'passed'], errors: 0 },
          { states: ['failed'], errors: 0 },
        ],
        0,
      ),
    ).toBe('2 passed, 1 failed');
    expect(summarize([{ states: ['passed', 'skipped'], errors: 0 }], 0)).toBe('1 passed, 0 failed, 1 skipped');
  });
  test('counts a file that did not load, a stray error and a test without a result as failed', () => {
    expect(summarize([{ states: [], errors: 1 }], 0)).toBe('0 passed, 1 failed');
    expect(summarize([{ states: ['passed'], errors: 0 }], 2)).toBe('1 passed, 2 failed');
    expect(summarize([{ states: ['pending'], errors: 0 }], 0)).toBe('0 passed, 1 failed');
  });
});

/** No import cycles anywhere, type imports counted: a cycle of types is a noun in the wrong file. */
import { expect, test } from 'vitest';
import { findCycles, readSources } from './kit.ts';

test('there are no import cycles', () => {
  expect(findCycles(readSources('src', 'server', 'renderer', 'test'))).toEqual([]);
});

test('a planted cycle is found, of types and of three files too', () => {
  const two = { 'src/a.ts': `import { b } from './b.ts';`, 'src/b.ts': `import type { A } from './a.ts';` };
  expect(findCycles(new Map(Object.entries(two)))).toEqual(['src/a.ts → src/b.ts → (again): an import cycle']);
  const three = {
    'src/x.ts': `import './a.ts';`,
    'src/a.ts': `export * from './b/b.ts';`,
    'src/b/b.ts': `await import('../c.ts');`,
    'src/c.ts': `type A = import('./a.ts').A;`,
  };
  expect(findCycles(new Map(Object.entries(three)))).toEqual([
    'src/a.ts → src/b/b.ts → src/c.ts → (again): an import cycle',
  ]);
});

test('two ways to one file are no cycle', () => {
  const diamond = {
    'a.ts': `import './b.ts'; import './c.ts';`,
    'b.ts': `import './d.ts';`,
    'c.ts': `import './d.ts';`,
    'd.ts': '',
  };
  expect(findCycles(new Map(Object.entries(diamond)))).toEqual([]);
});

/** What is on disk is what the seed makes, and each vector comes out as it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { Fault } from '../../src/wire/fault.ts';
import { makeVectors, type VectorFile } from './make.ts';
import { show } from './subject/input.ts';
import { subjects, type Vector } from './subject.ts';

const folder = new URL('./data/', import.meta.url);
const onDisk = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'published.json' && name !== 'scenario.json')
    .map((name) => [name.replace('.json', ''), readFileSync(new URL(name, folder), 'utf8')]),
);

beforeAll(loadSodium);

function run(subject: string, vector: Vector): unknown {
  try {
    return { expect: 'ok', output: show(subjects[subject]?.(vector.input)) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { expect: fault.code };
  }
}

it('the data on disk is what the generator makes', () => {
  const made = makeVectors();
  expect([...onDisk.keys()].sort()).toEqual(made.map((file) => file.subject).sort());
  for (const file of made) {
    const kept: unknown = JSON.parse(onDisk.get(file.subject) ?? '');
    expect(JSON.stringify(kept) === JSON.stringify(file), file.subject).toBe(true);
  }
});

describe.each([...onDisk])('%s', (subject, text) => {
  const { vectors, ...file } = JSON.parse(text) as VectorFile;

  it('has vectors that hold and vectors that do not, each with its own name', () => {
    expect(file.subject).toBe(subject);
    expect(vectors.some((vector) => vector.expect === 'ok')).toBe(true);
    expect(vectors.some((vector) => vector.expect !== 'ok')).toBe(true);
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
  });

  it.each(vectors.map((vector) => [vector.name, vector.expect, vector] as const))(
    '%s: %s',
    (_name, expected, vector) => {
      expect(run(subject, vector)).toEqual(
        expected === 'ok' ? { expect: 'ok', output: vector.output } : { expect: expected },
      );
    },
  );
});

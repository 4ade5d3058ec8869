/** docs/protocol.md says what the code does: labels, sections that comments name, examples. */
import { beforeAll, describe, expect, it } from 'vitest';
import { hashLabels, keyLabels, signLabels, topicLabels } from '../../src/core/label.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { hex } from '../../src/wire/bytes.ts';
import { encode } from '../../src/wire/cbor.ts';
import { refusalCode } from '../../src/wire/frame.ts';
import { limit } from '../../src/wire/limit.ts';
import { findExamples, refreshExamples, writeExample } from '../vector/example.ts';
import { makeExamples } from '../vector/make.ts';
import { listFiles, readText } from './kit.ts';

let made: ReadonlyMap<string, Uint8Array> = new Map();
beforeAll(async () => {
  await loadSodium();
  made = makeExamples();
});

const page = readText('docs/protocol.md');

/** Rows `| space | `label` | …` of the table of labels. */
const labelsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\| (hash|key|sign) \| `([a-z-]+)` \|/gm)].map(([, space, label]) => `${space} ${label}`);

describe('the table of labels', () => {
  it('is the one in the code', () => {
    const inCode = [
      ...hashLabels.map((label) => `hash ${label}`),
      ...[...keyLabels, ...topicLabels].map((label) => `key ${label}`),
      ...signLabels.map((label) => `sign ${label}`),
    ];
    expect(labelsOf(page).toSorted()).toEqual(inCode.toSorted());
  });

  it('is read row by row, so one that is missing would show', () => {
    expect(labelsOf('| hash | `org` | x | y |\n| sign | `list` | x |\ntext `hash`')).toEqual(['hash org', 'sign list']);
  });
});

/** Numbers of sections that a text speaks of, and of those a page has. */
const namedSections = (text: string): readonly string[] =>
  [...text.matchAll(/docs\/protocol\.md[\s/*]+section ([0-9]+(?:\.[0-9]+)?)/g)].map(([, number = '']) => number);
const sectionsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#{2,3} ([0-9]+(?:\.[0-9]+)?)\.? /gm)].map(([, number = '']) => number);

describe('sections that comments name', () => {
  const named = listFiles('src', 'server').flatMap((path) =>
    path.endsWith('.ts') ? namedSections(readText(path)) : [],
  );

  it('are there', () => {
    expect(named.length).toBeGreaterThan(6);
    expect(named.filter((number) => !sectionsOf(page).includes(number))).toEqual([]);
  });

  it('are found also where a comment breaks the line', () => {
    expect(
      namedSections(' * in one table (docs/protocol.md\n * section 2). See docs/protocol.md section 4.3.'),
    ).toEqual(['2', '4.3']);
    expect(sectionsOf('## 3. Relay\n### 4.1 AEAD\n# 5. no')).toEqual(['3', '4.1']);
  });
});

it('numbers that stand in the text are those of the code', () => {
  const bounds = [limit.frameBytes, limit.envelopeBytes, limit.castBytes, limit.admissionBytes, limit.itemsPerAppend];
  for (const bound of bounds) expect(page).toContain(bound.toLocaleString('en-US'));
  const codes =
    /in the order of their index: ([^.]+)\./
      .exec(page)?.[1]
      ?.split(',')
      .map((code) => code.trim()) ?? [];
  expect(codes.length).toBe(12);
  codes.forEach((code, index) => {
    expect(hex(encode(refusalCode, code as never))).toBe(index.toString(16).padStart(2, '0'));
  });
});

describe('examples', () => {
  const shown = findExamples(page);

  it('are those that are made, and each that is made is shown once', () => {
    expect(shown.map((example) => example.name).toSorted()).toEqual([...made.keys()].toSorted());
  });

  it.each(shown.map((example) => [example.name, example.text]))('%s is as it is made now', (name, text) => {
    const bytes = made.get(name);
    expect(bytes === undefined ? undefined : writeExample(bytes)).toBe(text);
  });

  it('an altered example is found, and put right by writing the page again', () => {
    const altered = page.replace('```hex name=frame-hello\n82', '```hex name=frame-hello\n83');
    expect(altered).not.toBe(page);
    expect(findExamples(altered).find((example) => example.name === 'frame-hello')?.text).not.toBe(
      shown.find((example) => example.name === 'frame-hello')?.text,
    );
    expect(refreshExamples(altered, made)).toBe(page);
    expect(() => refreshExamples('```hex name=nothing\n```', made)).toThrow('not made');
  });

  it('a long one is shown in part, with a hash over the whole', () => {
    const long = new Uint8Array(1000).fill(1);
    expect(writeExample(long)).toContain('1000 bytes, SHA-256');
    expect(writeExample(long)).not.toBe(writeExample(long.map((byte, i) => (i === 999 ? 2 : byte))));
    expect(writeExample(new Uint8Array([1, 2]))).toBe('0102\n');
  });
});

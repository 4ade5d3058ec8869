/** Courier files as they come off a stick: cut off, damaged, put together from two, and not such files at all. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CourierReader, CourierWriter, namesOf, readNames, shortName } from '../../../src/core/courier.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import { concat } from '../../../src/wire/bytes.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { topicId } from '../../../src/wire/id.ts';

beforeAll(loadSodium);

const topic = topicId.of(new Uint8Array(32).fill(1));
const envelope = (n: number) => new Uint8Array(40).fill(n);

function fileOf(...blocks: readonly (readonly number[])[]): Uint8Array {
  const writer = new CourierWriter();
  const items = (block: readonly number[]) => block.map((n) => [topic, envelope(n)] as const);
  return concat(
    writer.begin(),
    ...blocks.map((block) => writer.block({ type: 'envelopes', items: items(block) })),
    writer.end(),
  );
}

/** What comes out of a file in pieces of a size, and what is found wrong with it. */
function read(bytes: Uint8Array, size = bytes.length): { readonly numbers: readonly number[]; readonly text: string } {
  const reader = new CourierReader();
  const numbers: number[] = [];
  try {
    for (let at = 0; at < bytes.length; at += size)
      for (const block of reader.push(bytes.slice(at, at + size)))
        if (block.type === 'envelopes') numbers.push(...block.items.map(([, [n = -1]]) => n));
    reader.end();
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    expect(fault.code).toBe('malformed');
    return { numbers, text: fault.message };
  }
  return { numbers, text: '' };
}

describe('a courier file', () => {
  it('gives what was put in, however it is cut into pieces', () => {
    const file = fileOf([1, 2], [3]);
    for (const size of [1, 2, 3, 7, 16, 17, 18, 100, file.length])
      expect(read(file, size), `${size}`).toEqual({ numbers: [1, 2, 3], text: '' });
    expect(read(fileOf())).toEqual({ numbers: [], text: '' });
  });

  it('that was cut off at any byte gives the blocks before, whole ones alone, and says so', () => {
    const file = fileOf([1, 2], [3]);
    const one = fileOf([1, 2]).length - fileOf().length + 17;
    for (let size = 0; size < file.length; size++) {
      const { numbers, text } = read(file.slice(0, size));
      expect(text, `${size}`).toBe('it was cut off');
      expect([[], [1, 2], [1, 2, 3]], `${size}`).toContainEqual(numbers);
      if (size < one) expect(numbers, `${size}`).toEqual([]);
    }
  });

  it('with any byte changed gives nothing from the changed block on', () => {
    const file = fileOf([1, 2], [3]);
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const { numbers, text } = read(damaged);
      expect(text, `${at}`).not.toBe('');
      expect([[], [1, 2], [1, 2, 3]], `${at}`).toContainEqual(numbers);
    }
  });

  it('of blocks in another order, of two files, with a block left out or something after its end does not hold', () => {
    const head = 17;
    const [a, b] = [fileOf([1], [2]), fileOf([3], [4])];
    const blockSize = (fileOf([1]).length - fileOf().length) as number;
    const blocks = (file: Uint8Array) =>
      [0, 1].map((i) => file.slice(head + i * blockSize, head + (i + 1) * blockSize));
    const end = (file: Uint8Array) => file.slice(head + 2 * blockSize);
    const [a1, a2] = blocks(a);
    const [, b2] = blocks(b);
    if (a1 === undefined || a2 === undefined || b2 === undefined) throw new Error('there are two blocks');
    const start = a.slice(0, head);
    expect(read(concat(start, a1, a2, end(a))).text).toBe('');
    expect(read(concat(start, a2, a1, end(a)))).toEqual({ numbers: [], text: 'a part of it is damaged' });
    expect(read(concat(start, a1, b2, end(b)))).toEqual({ numbers: [1], text: 'a part of it is damaged' });
    expect(read(concat(start, a1, end(a)))).toEqual({ numbers: [1], text: 'a part of it is damaged' });
    expect(read(concat(a, a1)).text).toBe('something follows its end');
  });

  it('that is none is said to be none, and a length out of all reason is not waited for', () => {
    expect(read(new Uint8Array(1000).fill(7)).text).toBe('it is no courier file');
    const endless = concat(fileOf().slice(0, 17), Uint8Array.from([255, 255, 255, 255]), new Uint8Array(100));
    expect(read(endless).text).toBe('a part of it is larger than any may be');
  });

  it('with a check that fits and content that does not is turned down', () => {
    const writer = new CourierWriter();
    const file = concat(writer.begin(), writer.block({ type: 'have', names: new Uint8Array(12) }), writer.end());
    const reader = new CourierReader();
    const [block] = [...reader.push(file)];
    expect(block?.type === 'have' && readNames(block.names)).toEqual(['0000000000000000']);
  });
});

describe('what somebody has', () => {
  it('is named by the beginnings of ids', () => {
    const ids = [1, 2, 3].map((n) => idOfEnvelope(envelope(n)));
    expect(readNames(namesOf(ids))).toEqual(ids.map(shortName));
  });
});

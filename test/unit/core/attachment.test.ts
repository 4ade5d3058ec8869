/** Attachments: what does not belong to the file is turned down, and the same chunk is the same envelope for whoever makes it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { seal } from '../../../src/core/aead.ts';
import {
  type Chunk,
  checkChunk,
  chunkBytes,
  cleanFileName,
  countChunks,
  type FileFacts,
  fileNameFor,
  fileTopic,
  leafOf,
  makeIndex,
  maxFileBytes,
  openChunk,
  readIndex,
  sealChunk,
} from '../../../src/core/attachment.ts';
import { pad } from '../../../src/core/padding.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import { concat, u32be, utf8 } from '../../../src/wire/bytes.ts';
import { limit } from '../../../src/wire/limit.ts';
import { faultOf } from '../../kit/fault.ts';
import { cutFile } from '../../kit/file.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const random = seeded(14);
const bytes = (size: number) => {
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += 1000) out.set(random(Math.min(1000, size - at)), at);
  return out;
};
const size = 2 * chunkBytes + 10;
const cut = () => cutFile(bytes(size), random);
type Cut = ReturnType<typeof cutFile>;
const chunk = (of: Cut, number: number): Chunk => {
  const found = of.chunks[number];
  if (found === undefined) throw new Error('no such chunk');
  return found;
};
/** As a member who has the key, and checks nothing, would seal it. */
const sealAny = ({ key }: FileFacts, number: number, text: Uint8Array, least = 65_536, type = 3) => {
  const header = concat(new Uint8Array([1, type]), u32be(number));
  return concat(header, seal(key, header, pad(text, least), random));
};

describe('a chunk that does not belong', () => {
  it('of another text under the same number', () => {
    const { facts, index } = cut();
    const wrong = { number: 1, bytes: bytes(chunkBytes) };
    expect(faultOf(() => checkChunk(facts, index, openChunk(facts, sealAny(facts, 1, wrong.bytes))))).toBe(
      'bad-signature',
    );
    expect(faultOf(() => sealChunk(facts, index, wrong))).toBe('bad-signature');
  });

  it('of the same file and another number', () => {
    const { facts, index, chunks } = cut();
    expect(faultOf(() => checkChunk(facts, index, { number: 2, bytes: chunks[1]?.bytes ?? bytes(1) }))).toBe(
      'bad-signature',
    );
  });

  it('of another file with the same key', () => {
    const one = cut();
    const other = cut();
    const facts = { ...other.facts, key: one.facts.key };
    const opened = openChunk(one.facts, sealChunk(facts, other.index, chunk(other, 1)));
    expect(faultOf(() => checkChunk(one.facts, one.index, opened))).toBe('bad-signature');
  });

  it('of a file with another key', () => {
    const one = cut();
    const other = cut();
    expect(faultOf(() => openChunk(one.facts, sealChunk(other.facts, other.index, chunk(other, 1))))).toBe(
      'bad-commitment',
    );
  });

  it('longer or shorter than its place, though the index were made for it', () => {
    const salt = random(16);
    for (const lengths of [
      [chunkBytes - 1, chunkBytes, 11],
      [chunkBytes, chunkBytes, 9],
    ]) {
      const chunks = lengths.map((length, i) => ({ number: i + 1, bytes: bytes(length) }));
      const { file, index } = makeIndex(
        salt,
        size,
        chunks.map((each) => leafOf(salt, each)),
      );
      const facts = { file, salt, key: random(32), size };
      expect(chunks.map((each) => faultOf(() => checkChunk(facts, index, each)))).toContain('malformed');
    }
  });

  it.each([
    ['cut short', (envelope: Uint8Array) => envelope.subarray(0, -1), 'malformed'],
    ['with a byte more', (envelope: Uint8Array) => concat(envelope, new Uint8Array(1)), 'malformed'],
    ['nothing at all', () => new Uint8Array(), 'unknown-suite'],
    ['of suite 2', (envelope: Uint8Array) => concat(new Uint8Array([2]), envelope.subarray(1)), 'unknown-suite'],
    ['named an entry', (envelope: Uint8Array) => envelope.with(1, 1), 'malformed'],
    ['with another number', (envelope: Uint8Array) => envelope.with(5, 2), 'bad-commitment'],
    ['with a number beyond the end', (envelope: Uint8Array) => envelope.with(5, 4), 'malformed'],
    ['with the number 2^32 - 1', (envelope: Uint8Array) => envelope.fill(0xff, 2, 6), 'malformed'],
    ['with an altered text', (envelope: Uint8Array) => envelope.with(200, (envelope[200] ?? 0) ^ 1), 'bad-ciphertext'],
  ])('%s', (_, spoil, code) => {
    const one = cut();
    const envelope = sealChunk(one.facts, one.index, chunk(one, 1));
    expect(faultOf(() => openChunk(one.facts, spoil(envelope.slice())))).toBe(code);
  });

  it('padded in another way', () => {
    const { facts } = cut();
    const header = concat(new Uint8Array([1, 3]), u32be(1));
    const padded = pad(utf8('x'), 65_536).with(65_535, 1);
    expect(faultOf(() => openChunk(facts, concat(header, seal(facts.key, header, padded, random))))).toBe(
      'bad-padding',
    );
  });
});

describe('an index that does not belong', () => {
  it('of another file, with a leaf changed, too short, too long', () => {
    const one = cut();
    const other = cut();
    expect(faultOf(() => readIndex(one.facts, other.index.leaves))).toBe('bad-signature');
    expect(
      faultOf(() =>
        readIndex(
          one.facts,
          one.index.leaves.map((each, i) => (i === 40 ? each ^ 1 : each)),
        ),
      ),
    ).toBe('bad-signature');
    expect(faultOf(() => readIndex(one.facts, one.index.leaves.subarray(32)))).toBe('malformed');
    expect(faultOf(() => readIndex(one.facts, concat(one.index.leaves, new Uint8Array(32))))).toBe('malformed');
    expect(faultOf(() => sealChunk(one.facts, one.index, { number: 0, bytes: other.index.leaves }))).toBe(
      'bad-signature',
    );
  });

  it('a size that lies, by a chunk or by a byte', () => {
    const { facts, index } = cut();
    expect(faultOf(() => readIndex({ ...facts, size: size - 10 }, index.leaves))).toBe('malformed');
    expect(faultOf(() => readIndex({ ...facts, size: size + 1 }, index.leaves))).toBe('bad-signature');
  });
});

describe('a file', () => {
  it.each([0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, size])('of %i bytes comes out as it went in', (length) => {
    const text = bytes(length);
    const { facts, index, chunks } = cutFile(text, random);
    expect(chunks.length).toBe(countChunks(length) + 1);
    const out = chunks.map((each) => openChunk(facts, sealChunk(facts, index, each)));
    const read = readIndex(facts, out[0]?.bytes ?? bytes(1));
    for (const each of out.slice(1)) checkChunk(facts, read, each);
    expect(Buffer.compare(concat(...out.slice(1).map((each) => each.bytes)), text)).toBe(0);
  });

  it('gives the same envelope whoever makes it, all of one size, and another one for each chunk', () => {
    const { facts, index, chunks } = cut();
    const ids = () => chunks.map((each) => idOfEnvelope(sealChunk(facts, index, each)));
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(chunks.length);
    expect(new Set(chunks.map((each) => sealChunk(facts, index, each).length)).size).toBe(1);
  });

  it('two files under one key share no nonce and no topic', () => {
    const one = cut();
    const other = cut();
    const facts = { ...other.facts, key: one.facts.key };
    const nonce = (of: FileFacts, from: Cut) =>
      Buffer.from(sealChunk(of, from.index, chunk(from, 1)).subarray(6, 30)).toString('hex');
    expect(nonce(facts, other)).not.toBe(nonce(one.facts, one));
    expect(fileTopic(facts)).not.toBe(fileTopic(one.facts));
  });

  it('of the largest size has an index that fits one chunk, and chunks that fit an envelope', () => {
    expect(countChunks(maxFileBytes) * 32).toBeLessThanOrEqual(chunkBytes);
    const one = cut();
    expect(sealChunk(one.facts, one.index, chunk(one, 0)).length).toBeLessThanOrEqual(limit.envelopeBytes);
  });
});

describe('names', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system.ini', 'system.ini'],
    ['..', 'file'],
    ['', 'file'],
    ['/', 'file'],
    ['.ssh', 'ssh'],
    ['photo\u202egpj.exe', 'photo_gpj.exe'],
    ['a\u0000b\n\u001b[31mc', 'a_b__[31mc'],
    ['zero\u200bwidth\u2066', 'zero_width_'],
    ['notes.txt:hidden', 'notes.txt_hidden'],
    ['CON.txt', '_CON.txt'],
    ['lpt1', '_lpt1'],
    ['trailing. . ', 'trailing'],
    ['Übersicht – 2027 (final).pdf', 'Übersicht – 2027 (final).pdf'],
  ])('%j is shown as %j', (name, shown) => {
    expect(cleanFileName(name)).toBe(shown);
    expect(cleanFileName(shown)).toBe(shown);
  });

  it('what is too long is cut between characters', () => {
    const name = fileNameFor('ü'.repeat(200));
    expect(utf8(name).length).toBe(254);
    expect(name.isWellFormed()).toBe(true);
  });
});

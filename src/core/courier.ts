/**
 * A courier file: envelopes carried by hand. A head, then blocks, each with a check that covers everything before it, so
 * that a file that was cut off, damaged or put together from two is noticed at that block and what came before it holds.
 * The check keeps out accidents, not people: whoever carries the file can make another. What protects is inside the
 * envelopes. It holds no name and no key, and must never.
 */
import { type Bytes, concat, equal, hex, readU32be, u32be, utf8 } from '../wire/bytes.ts';
import { type Coded, decode, encode, field, list, rawBytes, record, tuple, uint, variant } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type EnvelopeId, envelopeId, topicId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import { hash } from './verify.ts';

const head = utf8('muster courier 1\n');
const checkSize = 32;
const lengthSize = 4;

/** How much of an envelope's id says that it is there: two of a hundred thousand alike is not to be expected. */
const shortSize = 8;
/** Names of envelopes in one block. */
export const maxNames = 65_536;

const envelope = rawBytes({ min: limit.envelopeMinBytes, max: limit.envelopeBytes });

const block = variant({
  /** Envelopes with their topics. */
  envelopes: [1, record({ items: field(1, list(tuple(topicId, envelope), limit.itemsPerAppend)) })],
  /** The beginnings of the ids of envelopes that the one who wrote the file has, one after the other. */
  have: [2, record({ names: field(1, rawBytes({ max: maxNames * shortSize })) })],
  /** The last block: how many came before it. */
  end: [3, record({ blocks: field(1, uint(0xffffffff)) })],
});
export type CourierBlock = Coded<typeof block>;

/** The beginning of an id, as a `have` names it. */
export const shortName = (id: EnvelopeId): string => id.slice(0, shortSize * 2);

/** Ids as one block says them. */
export const namesOf = (ids: readonly EnvelopeId[]): Bytes =>
  concat(...ids.map((id) => envelopeId.bytes(id).subarray(0, shortSize)));

/** The names in a block. A last one that is not whole is left out. */
export const readNames = (names: Bytes): readonly string[] =>
  Array.from({ length: Math.floor(names.length / shortSize) }, (_, i) =>
    hex(names.subarray(i * shortSize, (i + 1) * shortSize)),
  );

/** Makes the pieces of a file, in order. Holds nothing but the check of what came before. */
export class CourierWriter {
  #check: Bytes = hash('courier', head);
  #blocks = 0;

  begin(): Bytes {
    return head;
  }

  block(value: Exclude<CourierBlock, { type: 'end' }>): Bytes {
    this.#blocks += 1;
    return this.#piece(value);
  }

  end(): Bytes {
    return this.#piece({ type: 'end', blocks: this.#blocks });
  }

  #piece(value: CourierBlock): Bytes {
    const bytes = encode(block, value);
    this.#check = hash('courier', this.#check, bytes);
    return concat(u32be(bytes.length), bytes, this.#check);
  }
}

/** Takes a file piece by piece, however it is cut, and gives each block once it is whole and checked. Holds one block at most. */
export class CourierReader {
  #rest: Bytes = new Uint8Array();
  #check: Bytes | undefined;
  #blocks = 0;
  #isOver = false;

  /** Throws `PeerFault('malformed')` at the first block that does not hold; those it gave before do. */
  *push(piece: Bytes): Generator<Exclude<CourierBlock, { type: 'end' }>> {
    let rest = concat(this.#rest, piece);
    this.#rest = rest;
    if (this.#check === undefined) {
      if (rest.length < head.length) return;
      if (!equal(rest.subarray(0, head.length), head)) throw broken('it is no courier file');
      this.#check = hash('courier', head);
      rest = rest.subarray(head.length);
    }
    while (rest.length > 0) {
      if (this.#isOver) throw broken('something follows its end');
      if (rest.length < lengthSize) break;
      const size = readU32be(rest, 0);
      if (size > limit.frameBytes) throw broken('a part of it is larger than any may be');
      const whole = lengthSize + size + checkSize;
      if (rest.length < whole) break;
      const value = this.#open(rest.subarray(lengthSize, whole));
      rest = rest.subarray(whole);
      this.#rest = rest;
      if (value.type !== 'end') yield value;
      else if (value.blocks !== this.#blocks) throw broken('parts of it are missing');
      else this.#isOver = true;
    }
    this.#rest = rest.slice(); // what it was cut from may be large
  }

  /** Throws `PeerFault('malformed')` if the file was cut off. */
  end(): void {
    if (!this.#isOver) throw broken('it was cut off');
  }

  #open(bytes: Bytes): CourierBlock {
    const content = bytes.subarray(0, bytes.length - checkSize);
    const check = hash('courier', this.#check ?? head, content);
    if (!equal(check, bytes.subarray(content.length))) throw broken('a part of it is damaged');
    this.#check = check;
    const value = decode(block, content);
    if (value.type !== 'end') this.#blocks += 1;
    return value;
  }
}

const broken = (what: string): PeerFault => new PeerFault('malformed', what);

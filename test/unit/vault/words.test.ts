/** What people type becomes words and nothing else; what they wrote is found however it was written. */
import { describe, expect, test } from 'vitest';
import { answers, excerptOf, indexed, matchOf, readQuestion } from '../../../src/vault/words.ts';

const found = (typed: string, text: string): boolean => {
  const question = readQuestion(typed);
  return question !== undefined && answers(question, text);
};

describe('a hostile question', () => {
  test.each([
    ['operators', 'a AND b OR NOT c NEAR(d, 2)'],
    ['syntax', '-x ^y *z (a OR b) {room} : "'],
    ['another column', 'room:secret'],
    ['a quote that ends nothing', 'a" OR "b'],
    ['an injection', `'); DROP TABLE entry; --`],
    ['zeros', '\u0000a\u0000'],
    ['half a pair', 'a \ud800 b'],
  ])('with %s has only letters and digits between the quotes we set', (_, typed) => {
    const question = readQuestion(typed);
    const match = question === undefined ? '' : matchOf(question);
    expect(match).toMatch(/^("[\p{L}\p{N}\p{M} ]+"( \*)?( AND |$))*$/u);
  });
  test.each(['', ' ', '"', '""', '()*', '😀', '\u200d'])('of no word is none: %j', (typed) => {
    expect(readQuestion(typed)).toBeUndefined();
  });
  test('of very many words is cut off', () => {
    const question = readQuestion('word '.repeat(100));
    expect(question?.phrases.length).toBeLessThan(30);
  });
});

describe('a text is found', () => {
  test.each([
    ['whatever the case', 'BACKUP', 'the backup line'],
    ['without its accents', 'strasse uber lodz', 'Straße über Łódź'.replace('Ł', 'L')],
    ['with accents it does not have', 'ünter', 'unter'],
    ['with the other sigma', 'σοφος', 'ΣΟΦΟΣ'],
    ['with and without a dot', 'istanbul', 'İstanbul'],
    ['whatever its width', '2026', '２０２６'],
    ['without vowel points', 'שלום', 'שָׁלוֹם'],
    ['by a part of Japanese', '本語', '日本語のテスト'],
    ['by a part of Thai', 'ไทย', 'ภาษาไทยง่าย'],
    ['by the beginning of the last word', 'the back', 'the backup line'],
    ['by words in any order', 'line backup ', 'the backup line'],
    ['by a host name or the beginning of one', 'srv-db01.co', 'look at srv-db01.corp.example now'],
    ['by an address', '10.0.4.17', 'it was 10.0.4.17 again'],
    ['by a phrase', '"backup line"', 'the backup line'],
  ])('%s', (_, typed, text) => expect(found(typed, text)).toBe(true));

  test.each([
    ['by a phrase in another order', '"line backup"', 'the backup line'],
    ['by the beginning of a word that is finished', 'back ', 'the backup line'],
    ['by the beginning of a word that is not the last', 'back line', 'the backup line'],
    ['by one letter', 'b', 'the backup line'],
    ['by other Japanese of the same characters', '語本', '日本語'],
    ['when one word is missing', 'backup phone', 'the backup line'],
  ])('but not %s', (_, typed, text) => expect(found(typed, text)).toBe(false));
});

test('plain text goes to the index as it is, with the same words in it', () => {
  expect(indexed('Restore SRV-db01 (now)!')).toBe('Restore SRV-db01 (now)!');
  expect(indexed('Über SRV-db01 (now)!')).toBe('uber srv db01 now');
});

describe('an excerpt', () => {
  const text = `${'before '.repeat(60)}the backup\nline works ${'after '.repeat(60)}`;
  const question = readQuestion('"backup line"');
  test('shows what was found on one line, and that there is more', () => {
    const excerpt = question === undefined ? '' : excerptOf(text, question);
    expect(excerpt).toContain('the backup line works');
    expect(excerpt).toMatch(/^….*…$/u);
    expect(excerpt.length).toBeLessThan(200);
  });
  test('of a short text is the text', () => {
    expect(question === undefined ? '' : excerptOf('the backup line', question)).toBe('the backup line');
  });
  test('never halves a pair', () => {
    const faces =
      question === undefined ? '' : excerptOf(`${'😀'.repeat(200)} backup line ${'😀'.repeat(200)}`, question);
    expect(faces.isWellFormed?.() ?? !/[\ud800-\udbff](?![\udc00-\udfff])/.test(faces)).toBe(true);
  });
});

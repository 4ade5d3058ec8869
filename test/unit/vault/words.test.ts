/** What people type becomes words and nothing else; what they wrote is found however it was written. */
import { describe, expect, test } from 'vitest';
import { answers, excerptOf, hitsIn, indexed, matchOf, readQuestion } from '../../../src/vault/words.ts';

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

/** The text with what was found in square brackets. */
const bracket = (text: string, hits: ReturnType<typeof hitsIn>): string =>
  hits
    .toReversed()
    .reduce((said, { from, to }) => `${said.slice(0, from)}[${said.slice(from, to)}]${said.slice(to)}`, text);
const marked = (typed: string, text: string): string => {
  const question = readQuestion(typed);
  return question === undefined ? text : bracket(text, hitsIn(text, question));
};

describe('what was found in a text is', () => {
  test.each([
    ['every place of it', 'port ', 'port 14, Port 15, airport', '[port] 14, [Port] 15, airport'],
    ['of an unfinished word what was typed', 'po', 'Port 14 is a poem', '[Po]rt 14 is a [po]em'],
    ['an accented word by one without', 'ubers', 'Über Übersee, übers', 'Über [Übers]ee, [übers]'],
    ['a word in combining marks', 'zurich', 'in Zu\u0308rich!', 'in [Zu\u0308rich]!'],
    ['a letter that folds into two', 'strasse', 'Die Straße.', 'Die [Straße].'],
    ['half of such a letter', 'stras', 'Die Straße.', 'Die [Straß]e.'],
    ['the end of a word in Greek', 'σοφος', 'ο ΣΟΦΌΣ, σοφός', 'ο [ΣΟΦΌΣ], [σοφός]'],
    ['a wide word', 'usb', 'der ＵＳＢ-Stick', 'der [ＵＳＢ]-Stick'],
    ['one sign that stands for several words', '会社', 'bei ㍿ heute', 'bei [㍿] heute'],
    [
      'a syllable that is written in its parts',
      '한글',
      '그 \u1112\u1161\u11ab\u1100\u1173\u11af 책',
      '그 [\u1112\u1161\u11ab\u1100\u1173\u11af] 책',
    ],
    ['all of what folds only as a whole', '가', '- \uffa1\uffc2 -', '- [\uffa1\uffc2] -'],
    ['a word in Arabic without its vowels', 'كتاب', 'هذا كِتَابٌ جديد', 'هذا [كِتَابٌ] جديد'],
    ['a part of Japanese', '本語', '日本語の日本語', '日[本語]の日[本語]'],
    ['a part of Thai', 'ไทย', 'ภาษาไทยง่าย', 'ภาษา[ไทย]ง่าย'],
    ['a part of a host name', 'db01 ', 'srv-db01.corp', 'srv-[db01].corp'],
    ['a phrase as one', '"backup line"', 'the backup, line 2', 'the [backup, line] 2'],
    ['each word of a question', 'line backup', 'the backup of the line', 'the [backup] of the [line]'],
    ['two that overlap as one', '"a b" "b c"', 'a b c', '[a b c]'],
    ['no markup and no part of one', 'b', '<b>b</b> bb', '<[b]>[b]</[b]> bb'],
    ['nothing, where only a picture is near', 'fire', '🔥fire🔥', '🔥[fire]🔥'],
    ['nothing, where half a pair stands', 'fire', '\ud83dfire', '\ud83d[fire]'],
  ])('%s', (_, typed, text, expected) => expect(marked(typed, text)).toBe(expected));
});

describe('an excerpt', () => {
  const text = `${'before '.repeat(60)}the backup\nline works ${'after '.repeat(60)}`;
  const question = readQuestion('"backup line"');
  test('shows what was found on one line, and that there is more', () => {
    const excerpt = question === undefined ? undefined : excerptOf(text, question);
    expect(excerpt?.text).toContain('the backup line works');
    expect(excerpt?.text).toMatch(/^….*…$/u);
    expect(excerpt?.text.length).toBeLessThan(200);
    expect(bracket(excerpt?.text ?? '', excerpt?.hits ?? [])).toContain('before the [backup line] works');
  });
  test('of a short text is the text', () => {
    expect(question === undefined ? '' : excerptOf('the backup line', question)).toEqual({
      text: 'the backup line',
      hits: [{ from: 4, to: 15 }],
    });
  });
  test('never halves a pair', () => {
    const faces =
      question === undefined ? '' : excerptOf(`${'😀'.repeat(200)} backup line ${'😀'.repeat(200)}`, question).text;
    expect(faces.isWellFormed?.() ?? !/[\ud800-\udbff](?![\udc00-\udfff])/.test(faces)).toBe(true);
  });
  test('is of where it was found, also where no spaces are set', () => {
    const asked = readQuestion('猫');
    const excerpt = asked === undefined ? undefined : excerptOf(`${'犬'.repeat(300)}猫${'鳥'.repeat(300)}`, asked);
    expect(bracket(excerpt?.text ?? '', excerpt?.hits ?? [])).toMatch(/^…犬+\[猫\]鳥+…$/u);
  });
  test('cuts off what was found where it ends itself', () => {
    const asked = readQuestion(`"${'so '.repeat(20)}"`);
    const excerpt = asked === undefined ? undefined : excerptOf('so'.padEnd(300, ' so'), asked);
    const { text: said = '', hits = [] } = excerpt ?? {};
    expect(hits).toEqual([{ from: 0, to: said.length - 1 }]);
  });
});

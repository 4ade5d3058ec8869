/**
 * What a text is found by, and what a person who searches asks for. Pure. Case, accents and width are folded; of scripts
 * that set no spaces between words each character counts as one, so that any part of such a text is found. Nothing a
 * person types is ever syntax to the database but what is made here.
 *
 * The index is of `indexed(text)`, and a text is taken out of it by the same words: another way to make them needs a step
 * of the schema that indexes everything anew.
 */

/** Marks that come with letters of Latin, Greek, Cyrillic, Arabic or Hebrew; vowels of Indic scripts stay. */
const accents = /(?=\p{Mn})[\p{Script=Inherited}\p{Script=Hebrew}]/gu;
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;
const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Words in one question. What comes after is left out: each costs a walk through the index. */
const maxWords = 24;
/** A shorter beginning of a word would be that of half of all words. */
const leastPrefix = 2;

const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(accents, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(accents, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .replaceAll('ı', 'i');

const wordsOf = (text: string): readonly string[] => fold(text).replace(unspaced, ' $& ').match(word) ?? [];

/** Nearly every text of many organisations: the database finds the same words in it by itself. */
const isPlain = (text: string): boolean => /^[\x20-\x7e\s]*$/.test(text);

/** What the index is given for a text. */
export const indexed = (text: string): string => (isPlain(text) ? text : wordsOf(text).join(' '));

export interface Question {
  /** Each of these has to be there, its words one after the other. */
  readonly phrases: readonly (readonly string[])[];
  /** The last word is only the beginning of one: it is still being typed. */
  readonly isOpen: boolean;
}

/**
 * A question as people type it: words in any order, phrases in quotation marks, the last word unfinished. `undefined` if
 * there is no word in it.
 */
export function readQuestion(typed: string): Question | undefined {
  const parts = typed.split(/["“”„«»]/u);
  const phrases: (readonly string[])[] = [];
  let left = maxWords;
  let isOpen = false;
  for (const [i, part] of parts.entries()) {
    // Every second part is within quotation marks; an opening one without its end is not there yet.
    const isQuoted = i % 2 === 1 && i < parts.length - 1;
    for (const each of isQuoted ? [part] : part.split(/\s+/u)) {
      const words = wordsOf(each).slice(0, left);
      if (words.length === 0) continue;
      left -= words.length;
      phrases.push(words);
      isOpen = !isQuoted;
    }
  }
  const last = phrases.at(-1)?.at(-1) ?? '';
  const mayBeOpen = last.length >= leastPrefix && !unspacedOne(last);
  return phrases.length === 0 ? undefined : { phrases, isOpen: isOpen && mayBeOpen && !/\s$/u.test(typed) };
}

const unspacedOne = (one: string): boolean => one.replace(unspaced, '') === '';

/** The question in the language of the index. Words have only letters, digits and marks in them, so there is nothing to escape. */
export const matchOf = ({ phrases, isOpen }: Question): string =>
  phrases.map((words, i) => `"${words.join(' ')}"${isOpen && i === phrases.length - 1 ? ' *' : ''}`).join(' AND ');

/** Whether a text that is in no index answers the question. */
export function answers({ phrases, isOpen }: Question, text: string): boolean {
  const words = wordsOf(text);
  return phrases.every((phrase, i) => placeOf(words, phrase, isOpen && i === phrases.length - 1) >= 0);
}

function placeOf(words: readonly string[], phrase: readonly string[], isOpen: boolean): number {
  const fits = (said: string | undefined, asked: string, isLast: boolean) =>
    isOpen && isLast ? said?.startsWith(asked) === true : said === asked;
  return words.findIndex((_, at) => phrase.every((asked, i) => fits(words[at + i], asked, i === phrase.length - 1)));
}

/** Characters of a text that are shown of it, about a third of them before what was found. */
const shownLength = 160;

/** The part of a text that answers a question, on one line. */
export function excerptOf(text: string, { phrases, isOpen }: Question): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  const [phrase = []] = phrases;
  const isLast = isOpen && phrases.length === 1;
  const placed = [...line.matchAll(/\S+/gu)].flatMap((each) =>
    wordsOf(each[0]).map((said) => ({ said, at: each.index })),
  );
  const place = placeOf(
    placed.map(({ said }) => said),
    phrase,
    isLast,
  );
  const at = placed[place]?.at ?? 0;
  const characters = [...line];
  const from = Math.max(0, [...line.slice(0, at)].length - Math.floor(shownLength / 3));
  const to = Math.min(characters.length, from + shownLength);
  return `${from > 0 ? '…' : ''}${characters.slice(from, to).join('')}${to < characters.length ? '…' : ''}`;
}

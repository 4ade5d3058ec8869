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
const scripts = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const unspacedOf = scripts.map((script) => `\\p{Script=${script}}`).join('');
/** A character of those scripts with its marks, or what stands between two. */
const piece = new RegExp(`[${unspacedOf}]\\p{M}*|[^${unspacedOf}]+`, 'gu');
const unspaced = new RegExp(`^(?:[${unspacedOf}]\\p{M}*)*$`, 'u');
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

interface Word {
  readonly said: string;
  /** Where it begins in the folded text. */
  readonly at: number;
}

const wordsIn = (folded: string): readonly Word[] =>
  [...folded.matchAll(piece)].flatMap((each) =>
    [...each[0].matchAll(word)].map((found) => ({ said: found[0], at: each.index + found.index })),
  );

const wordsOf = (text: string): readonly string[] => wordsIn(fold(text)).map(({ said }) => said);

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
  const mayBeOpen = last.length >= leastPrefix && !unspaced.test(last);
  return phrases.length === 0 ? undefined : { phrases, isOpen: isOpen && mayBeOpen && !/\s$/u.test(typed) };
}

/** The question in the language of the index. Words have only letters, digits and marks in them, so there is nothing to escape. */
export const matchOf = ({ phrases, isOpen }: Question): string =>
  phrases.map((words, i) => `"${words.join(' ')}"${isOpen && i === phrases.length - 1 ? ' *' : ''}`).join(' AND ');

/** Whether a text that is in no index answers the question. */
export function answers({ phrases, isOpen }: Question, text: string): boolean {
  const words = wordsOf(text);
  return phrases.every((phrase, i) => placesOf(words, phrase, isOpen && i === phrases.length - 1).length > 0);
}

/** Every place in these words at which the phrase begins. */
function placesOf(words: readonly string[], phrase: readonly string[], isOpen: boolean): readonly number[] {
  const fits = (said: string | undefined, asked: string, isLast: boolean) =>
    isOpen && isLast ? said?.startsWith(asked) === true : said === asked;
  return words.flatMap((_, at) =>
    phrase.every((asked, i) => fits(words[at + i], asked, i === phrase.length - 1)) ? [at] : [],
  );
}

/** A part of a text, from this place of its UTF-16 up to, not including, that one. */
export interface Hit {
  readonly from: number;
  readonly to: number;
}

/** The parts of a text that answer a question, ascending and apart. Of an unfinished word it is what was typed of it. */
export function hitsIn(text: string, { phrases, isOpen }: Question): readonly Hit[] {
  const placed = [...text.matchAll(/\S+/gu)].flatMap((each) =>
    wordsIn(fold(each[0])).map(({ said, at }) => ({ said, at, chunk: each[0], from: each.index })),
  );
  const words = placed.map(({ said }) => said);
  const known = new Map<string, readonly Hit[]>();
  const hits = phrases.flatMap((phrase, i) =>
    placesOf(words, phrase, isOpen && i === phrases.length - 1).flatMap((place) => {
      const [first, last] = [placed[place], placed[place + phrase.length - 1]];
      if (first === undefined || last === undefined) return [];
      for (const { chunk } of [first, last]) if (!known.has(chunk)) known.set(chunk, originsOf(chunk));
      const begin = known.get(first.chunk)?.[first.at]?.from ?? 0;
      const end = known.get(last.chunk)?.[last.at + (phrase.at(-1)?.length ?? 0) - 1]?.to ?? last.chunk.length;
      return [{ from: first.from + begin, to: last.from + end }];
    }),
  );
  return joined(hits);
}

function joined(hits: readonly Hit[]): readonly Hit[] {
  const apart: Hit[] = [];
  for (const hit of [...hits].sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last === undefined || hit.from > last.to) apart.push(hit);
    else apart[apart.length - 1] = { from: last.from, to: Math.max(last.to, hit.to) };
  }
  return apart;
}

/** A letter with its marks, a syllable of Hangul that is written in its parts: what is folded by itself. */
const character =
  /[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*|\P{M}\p{M}*|\p{M}+/gu;

/** For each place of the folded text the character it comes from; all of the text, where it folds only as a whole. */
function originsOf(text: string): readonly Hit[] {
  const folded = fold(text);
  const known = new Map<string, string>();
  const apart = [...text.matchAll(character)].map(({ 0: one, index: from }) => {
    const said = known.get(one) ?? fold(one);
    known.set(one, said);
    return { said, from, to: from + one.length };
  });
  const isSame = apart.map(({ said }) => said).join('') === folded;
  return (isSame ? apart : [{ said: folded, from: 0, to: text.length }]).flatMap(({ said, from, to }) =>
    Array.from({ length: said.length }, () => ({ from, to })),
  );
}

/** Characters of a text that are shown of it, about a third of them before what was found. */
const shownLength = 160;

/** The part of a text that is shown of it, on one line, and where in it that answers. */
export interface Excerpt {
  readonly text: string;
  readonly hits: readonly Hit[];
}

export function excerptOf(text: string, question: Question): Excerpt {
  const line = text.replace(/\s+/gu, ' ').trim();
  const hits = hitsIn(line, question);
  const before = [...line.slice(0, hits[0]?.from ?? 0)];
  const start = before.slice(0, Math.max(0, before.length - Math.floor(shownLength / 3))).join('').length;
  const shown = [...line.slice(start)].slice(0, shownLength).join('');
  const end = start + shown.length;
  const lead = start > 0 ? '…' : '';
  const shift = lead.length - start;
  return {
    text: `${lead}${shown}${end < line.length ? '…' : ''}`,
    hits: hits
      .map(({ from, to }) => ({ from: Math.max(from, start) + shift, to: Math.min(to, end) + shift }))
      .filter(({ from, to }) => from < to),
  };
}

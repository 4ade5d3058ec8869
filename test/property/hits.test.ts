/** Where in a text its words are found, in whatever script and however it is composed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, excerptOf, hitsIn, indexed, readQuestion } from '../../src/vault/words.ts';

/** Letters that change their number when they are folded, marks, wide and old forms, scripts without spaces, halves. */
const letters = [
  ...'aZß İıſÅéœﬁÆŒñ½3㎏㍿①ﷺαςΣΌجِ\u05e9\u05b8한각가ｶﾞがหกำ日本〇々⺀๏🔥‼℀㈠',
  ...[
    'u\u0308',
    '\u1112\u1161\u11ab',
    '\u0301',
    '\u3099',
    '\uffa1',
    '\uffc2',
    '\u0e33',
    '\u0e4d',
    '\u200d',
    '\ud83d',
    '\udc00',
    '\n',
    ' ',
    '-',
    '.',
  ],
];
const text = fc.array(fc.constantFrom(...letters), { maxLength: 40 }).map((each) => each.join(''));

describe('of any text', () => {
  it('each of its words is found in it, in parts that lie in it, apart and in order, and answer by themselves', () => {
    fc.assert(
      fc.property(text, fc.nat(), (said, nth) => {
        const words = indexed(`${said} é`).split(' ');
        const asked = readQuestion(`${words[nth % words.length]} `);
        fc.pre(asked !== undefined && answers(asked, said));
        if (asked === undefined) return;
        const hits = hitsIn(said, asked);
        expect(hits.length).toBeGreaterThan(0);
        let last = -1;
        for (const { from, to } of hits) {
          expect(from).toBeGreaterThan(last);
          expect(to).toBeGreaterThan(from);
          expect(answers(asked, said.slice(from, to))).toBe(true);
          last = to;
        }
        expect(last).toBeLessThanOrEqual(said.length);
      }),
      { numRuns: 20_000 },
    );
  });

  it('an excerpt has its parts within it, whatever is asked', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), text, (said, typed) => {
        const asked = readQuestion(typed);
        if (asked === undefined) return;
        const excerpt = excerptOf(said.join(' '), asked);
        let last = -1;
        for (const { from, to } of excerpt.hits) {
          expect(from).toBeGreaterThan(last);
          expect(to).toBeGreaterThan(from);
          last = to;
        }
        expect(last).toBeLessThanOrEqual(excerpt.text.length);
      }),
      { numRuns: 5_000 },
    );
  });
});

/** A programme as a person writes it: what is wrong is named by its field, in words. */
import { expect, test } from 'vitest';
import { readProgramme } from '../../../src/directory/programme.ts';

const drill = {
  title: 'Spring drill',
  announced: true,
  from: '2027-03-01T09:00:00+01:00',
  to: '2027-03-05T17:00:00+01:00',
  coordinators: ['ada'],
  openWithinSeconds: 60,
  answerWithinSeconds: 300,
  escalateAfterSeconds: 300,
  closeAfterSeconds: 900,
  answeredPercent: 80,
};
const read = (changes: object) => () => readProgramme(JSON.stringify({ drills: [{ ...drill, ...changes }] }));

test('a whole one is read', () => {
  expect(read({})()).toMatchObject([{ title: 'Spring drill', openWithinMs: 60_000, scenario: '', injects: [] }]);
});

const cases: readonly [what: string, changes: object, text: RegExp][] = [
  ['a field left out', { closeAfterSeconds: undefined }, /^drills\[0\]\.closeAfterSeconds: this is missing$/],
  ['a text for a number', { answeredPercent: '80' }, /answeredPercent: this is not a number$/],
  ['half a minute', { openWithinSeconds: 0.5 }, /openWithinSeconds: this is not a whole number$/],
  ['a text for a list', { coordinators: 'ada' }, /coordinators: this is not a list in \[ \]$/],
  ['a time without its zone', { from: '2027-03-01T09:00:00' }, /from: write it like 2027/],
  ['the end before the beginning', { to: '2027-02-01T09:00:00Z' }, /to: this is before "from"/],
  ['a field that is none', { colour: 'red' }, /drills\[0\]: .*colour/],
];
test.each(cases)('%s', (_, changes, text) => expect(read(changes)).toThrow(text));

test('what is no JSON', () => expect(() => readProgramme('{')).toThrow(/it is not JSON/));

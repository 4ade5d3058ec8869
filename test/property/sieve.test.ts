/** The sieve never says no to a slot that is in the table, came since, or is in a part not read yet; to most others it does. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Database } from '../../server/driver.ts';
import { Sieve } from '../../server/sieve.ts';
import { dropDataDir, makeDataDir } from '../kit/relay.ts';

const slot = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1),
);
/** Topics in the table with how many slots each, among them some that are read in several times. */
const table = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 30, 3000)), { maxLength: 6 });
/** What happens after a start: more of the table is read, or a slot comes. */
const steps = fc.array(fc.oneof(fc.constant('read' as const), slot), { maxLength: 40 });

test('what is known is never said to be new', () => {
  const dir = makeDataDir();
  const db = new Database(join(dir, 'sieve.db'));
  db.exec(
    'CREATE TABLE known (topic INTEGER, slot INTEGER, offset INTEGER, PRIMARY KEY (topic, slot, offset)) STRICT, WITHOUT ROWID',
  );
  let noes = 0;
  try {
    fc.assert(
      fc.property(table, steps, fc.array(slot, { minLength: 20, maxLength: 20 }), (topics, given, others) => {
        db.exec('DELETE FROM known');
        const known = new Set<number>();
        db.transaction(() => {
          topics.forEach(([topic, count], i) => {
            for (let n = 0; n < count; n++) {
              const made = (n * 2 ** 33 + i * 7919 + n) % 2 ** 48;
              known.add(made);
              db.run('INSERT OR IGNORE INTO known VALUES (?, ?, ?)', [topic, made, n]);
            }
          });
        });
        const sieve = new Sieve(db);
        const isWhole = () => [...known].every((each) => sieve.mayHave(each));
        for (const step of given) {
          if (step === 'read') sieve.read();
          else {
            known.add(step);
            sieve.add(step);
          }
          expect(isWhole()).toBe(true);
        }
        for (let i = 0; i < 12; i++) sieve.read();
        expect(isWhole()).toBe(true);
        noes += others.filter((each) => !known.has(each) && !sieve.mayHave(each)).length;
      }),
      { numRuns: 30 },
    );
  } finally {
    db.close();
    dropDataDir(dir);
  }
  // Without this a sieve that lets everything through would pass.
  expect(noes).toBeGreaterThan(100);
});

import { beforeAll, describe, expect, it } from 'vitest';
import { orgOf, readGenesis, rootOf } from '../../../src/core/genesis.ts';
import { admissionOf } from '../../../src/core/list.ts';
import { orgOfRoot } from '../../../src/core/root.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { sodiumChecker } from '../../../src/core/verify.ts';
import { utf8 } from '../../../src/wire/bytes.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

/** The first demo found the organisation's and its custodians' names in every relay's files: they came this way. */
describe('what a relay is told of an organisation', () => {
  it('holds no name, and gives the same fingerprint as the genesis', () => {
    const { genesis, list } = foundMuster(seeded(1));
    const admission = Buffer.from(admissionOf(list));
    const { name, custodians } = readGenesis(genesis);
    for (const each of [name, ...custodians.map((custodian) => custodian.name)]) {
      expect(Buffer.from(genesis).includes(Buffer.from(utf8(each)))).toBe(true);
      expect(admission.includes(Buffer.from(utf8(each)))).toBe(false);
    }
    expect(orgOfRoot(rootOf(genesis), sodiumChecker)).toBe(orgOf(genesis));
  });
});
